package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.head.LoginLibrary;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.Scrub;
import dev.grain.text.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of a run: finds those for an address, and reads their secret anew for each use.
 * Those who need the same at the same time share one reading. For all threads.
 */
final class CredentialReader implements LoginLibrary, Logins, AutoCloseable {
  /** How long the reading of a secret may take. */
  static final Duration TIME_LIMIT = Duration.ofMinutes(1);

  /** The largest secret in characters, far above any key or token. */
  private static final int LONGEST_SECRET = 64 * 1024;

  private static final int LONGEST_USER = 1024;

  private final List<Credentials> credentials;
  private final Duration timeLimit;

  // both guarded by this
  private final Map<Wanted, Reading> readings = new HashMap<>();
  private boolean closed;

  private record Wanted(Message.Service service, String target) {}

  CredentialReader(List<Credentials> credentials) {
    this(credentials, TIME_LIMIT);
  }

  /**
   * Makes a reader.
   *
   * @param credentials in the order in which they were given
   * @param timeLimit how long the reading of a secret may take
   */
  CredentialReader(List<Credentials> credentials, Duration timeLimit) {
    this.credentials = List.copyOf(credentials);
    this.timeLimit = timeLimit;
  }

  // ---------------------------------------------------------------- which

  @Override
  public boolean covers(Message.Service service, String target) {
    return best(service, target) != null;
  }

  /** Returns the credentials with the longest prefix, the last of these; null if there are none. */
  private @Nullable Credentials best(Message.Service service, String target) {
    if (credentials.isEmpty()) {
      return null;
    }
    ServerPath wanted =
        switch (service) {
          case DOCKER -> ServerPath.ofRegistryTarget(target);
          case GIT -> ServerPath.ofGitTarget(target);
        };
    Credentials.Service kind =
        switch (service) {
          case DOCKER -> Credentials.Service.REGISTRY;
          case GIT -> Credentials.Service.GIT;
        };
    Credentials best = null;
    for (Credentials each : credentials) {
      if (each.service() == kind
          && each.path().covers(wanted)
          && (best == null || each.path().segments().size() >= best.path().segments().size())) {
        best = each;
      }
    }
    return best;
  }

  // ---------------------------------------------------------------- reading

  @Override
  public void find(Message.Service service, String target, Consumer<LoginResult> answer) {
    Credentials found = best(service, target);
    if (found == null) {
      answer.accept(new LoginResult.None());
      return;
    }
    Reading reading = join(new Wanted(service, target), found, answer);
    if (reading != null) {
      reading.start();
    }
  }

  /** Returns a reading that is to be started; null if there is one already, or none any more. */
  private @Nullable Reading join(Wanted wanted, Credentials found, Consumer<LoginResult> answer) {
    synchronized (this) {
      if (!closed) {
        Reading known = readings.get(wanted);
        if (known != null) {
          known.answers.add(answer);
          return null;
        }
        Reading made = new Reading(wanted, found);
        made.answers.add(answer);
        readings.put(wanted, made);
        return made;
      }
    }
    answer.accept(new LoginResult.Refused("The run has ended."));
    return null;
  }

  /**
   * Finds a login for the program itself; blocks.
   *
   * @throws IOException if there is one, but it could not be read; the message is for people
   */
  @Override
  public Optional<Login> find(Logins.Service service, String target)
      throws IOException, InterruptedException {
    CompletableFuture<LoginResult> answer = new CompletableFuture<>();
    find(
        switch (service) {
          case DOCKER -> Message.Service.DOCKER;
          case GIT -> Message.Service.GIT;
        },
        Scrub.withoutPassword(target),
        answer::complete);
    try {
      return switch (answer.get()) {
        case LoginResult.None _ -> Optional.empty();
        case LoginResult.Refused(String reason) -> throw new IOException(reason);
        case LoginResult.Password(String user, Bytes secret) ->
            Optional.of(new Login.Password(user, secret.utf8()));
        case LoginResult.SshKey(String user, Bytes secret) ->
            Optional.of(new Login.SshKey(user, secret.utf8()));
      };
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends what is being read, with an answer for those who wait. */
  @Override
  public void close() {
    List<Reading> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(readings.values());
    }
    open.forEach(reading -> reading.finish(new LoginResult.Refused("The run has ended.")));
  }

  /** Returns how many secrets are being read, for tests. */
  synchronized int reading() {
    return readings.size();
  }

  /** One reading of a secret, on two virtual threads: one reads, the other one has the time. */
  private final class Reading {
    private final Wanted wanted;
    private final Credentials found;
    private final CompletableFuture<LoginResult> result = new CompletableFuture<>();

    // guarded by the reader
    private final List<Consumer<LoginResult>> answers = new ArrayList<>();

    Reading(Wanted wanted, Credentials found) {
      this.wanted = wanted;
      this.found = found;
    }

    void start() {
      try {
        Thread.ofPlatform().daemon().name("grain-secret").start(this::await);
      } catch (OutOfMemoryError e) {
        finish(refused("no thread could be started: " + e.getMessage()));
      }
    }

    private void await() {
      Thread reader =
          Thread.ofVirtual().name("grain-secret-reader").start(() -> result.complete(read()));
      LoginResult read;
      try {
        read = result.get(timeLimit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        read = refused("it did not answer within " + Durations.readable(timeLimit));
      } catch (InterruptedException | ExecutionException e) {
        read = refused(String.valueOf(e.getMessage()));
      }
      reader.interrupt();
      finish(read);
    }

    /** Answers those who wait, once. */
    private void finish(LoginResult answer) {
      List<Consumer<LoginResult>> those;
      synchronized (CredentialReader.this) {
        readings.remove(wanted, this);
        those = List.copyOf(answers);
        answers.clear();
      }
      result.complete(answer);
      those.forEach(each -> each.accept(answer));
    }

    private LoginResult refused(String why) {
      return new LoginResult.Refused(
          "The login for %s could not be read from %s: %s."
              .formatted(wanted.target(), found.secret(), why.replaceAll("[.\\s]+$", "")));
    }

    private LoginResult read() {
      try {
        return check(found.secret().read(wanted.target()));
      } catch (InterruptedException e) {
        return refused("it was interrupted");
      } catch (NoLoginException e) {
        return new LoginResult.None();
      } catch (IOException e) {
        String message = e.getMessage();
        return refused(message == null ? e.getClass().getName() : message);
      } catch (RuntimeException | Error e) {
        return refused(e.toString());
      }
    }

    private LoginResult check(Secret.@Nullable Value value) {
      return switch (value) {
        case null -> refused("it returned null");
        case Secret.Value.Password(String user, String password) ->
            refusal(user, password)
                .orElseGet(() -> new LoginResult.Password(user, Bytes.utf8(password)));
        case Secret.Value.SshKey _ when wanted.service() == Message.Service.DOCKER ->
            refused("it is an ssh key, but a registry takes a user and a password");
        case Secret.Value.SshKey(String user, String key) ->
            refusal(user, key).orElseGet(() -> new LoginResult.SshKey(user, Bytes.utf8(key)));
      };
    }

    private Optional<LoginResult> refusal(String user, String secret) {
      if (secret.isEmpty()) {
        return Optional.of(refused("the secret is empty"));
      }
      if (secret.length() > LONGEST_SECRET) {
        return Optional.of(
            refused("the secret has more than %s characters".formatted(LONGEST_SECRET)));
      }
      if (user.length() > LONGEST_USER) {
        return Optional.of(refused("the user has more than %s characters".formatted(LONGEST_USER)));
      }
      return Optional.empty();
    }
  }
}
