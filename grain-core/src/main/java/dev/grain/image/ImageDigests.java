package dev.grain.image;

import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks registries what a name of an image stands for now. For all threads; each call may block.
 *
 * <p>A digest is that of the manifest which the registry sends, as not all of them say it. A
 * registry is asked without a login first, and is given one only if it wants to know who asks. On
 * this machine it is asked by HTTP, on any other one by HTTPS.
 */
public final class ImageDigests implements AutoCloseable {
  private static final Duration USUAL_LIMIT = Duration.ofSeconds(30);
  private static final int LARGEST = 4 * 1024 * 1024;
  private static final int MOST_REDIRECTS = 5;

  private static final String MANIFESTS =
      String.join(
          ", ",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.oci.image.manifest.v1+json");

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d+)?");
  private static final Pattern TOKEN =
      Pattern.compile("\"(?:token|access_token)\"\\s*:\\s*\"([^\"\\\\]+)\"");

  private final Duration limit;
  private final HttpClient client;

  /** Makes one that waits half a minute for a registry. */
  public ImageDigests() {
    this(USUAL_LIMIT);
  }

  /**
   * Makes one.
   *
   * @param limit how long it waits for a registry, for each image
   */
  public ImageDigests(Duration limit) {
    this.limit = limit;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(limit)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /** One question to a registry, which may take several requests. */
  private final class Question {
    private final ImageName name;
    private final Logins logins;
    private final long deadline = System.nanoTime() + limit.toNanos();
    // who was named to the registry, for messages
    private @Nullable String user;

    Question(ImageName name, Logins logins) {
      this.name = name;
      this.logins = logins;
    }

    String ask() throws PreparationException, InterruptedException {
      URI manifest =
          URI.create(
              "%s://%s/v2/%s/manifests/%s"
                  .formatted(
                      isLoopback(name.registry()) ? "http" : "https",
                      name.registry(),
                      name.repository(),
                      name.tag()));
      HttpResponse<byte[]> answer = send(manifest, null);
      if (answer.statusCode() == 401) {
        Optional<String> challenge = answer.headers().firstValue("WWW-Authenticate");
        if (challenge.isPresent()) {
          answer = send(manifest, authorization(challenges(answer)));
        }
      }
      return switch (answer.statusCode()) {
        case 200 -> "sha256:" + sha256(answer.body());
        case 401, 403 -> throw refused(answer.statusCode());
        case 404 ->
            throw PreparationException.everywhere(
                "There is no image %s in the registry %s%s. Check the repository and the tag."
                    .formatted(name.words(), name.registry(), asked()));
        default ->
            throw PreparationException.here(
                "The registry %s answered with status %s when it was asked for %s. Try again later."
                    .formatted(name.registry(), answer.statusCode(), name.words()));
      };
    }

    private Challenge challenges(HttpResponse<byte[]> answer) {
      return answer.headers().allValues("WWW-Authenticate").stream()
          .map(Challenge::parse)
          .filter(each -> each.scheme().equals("bearer") || each.scheme().equals("basic"))
          .findFirst()
          .orElseGet(
              () -> Challenge.parse(answer.headers().firstValue("WWW-Authenticate").orElseThrow()));
    }

    private String authorization(Challenge challenge)
        throws PreparationException, InterruptedException {
      Optional<Login.Password> login = login();
      return switch (challenge.scheme()) {
        case "basic" -> login.map(ImageDigests::basic).orElseThrow(() -> refused(401));
        case "bearer" -> "Bearer " + token(challenge, login);
        default ->
            throw PreparationException.everywhere(
                "The registry %s wants a login of the kind \"%s\", which Grain does not know."
                    .formatted(name.registry(), challenge.scheme()));
      };
    }

    private Optional<Login.Password> login() throws PreparationException, InterruptedException {
      try {
        Optional<Login> found = logins.find(Logins.Service.DOCKER, name.loginTarget());
        if (found.isPresent() && !(found.get() instanceof Login.Password)) {
          throw PreparationException.everywhere(
              "The login for the registry %s is an ssh key, but a registry takes a name and a"
                      .formatted(name.registry())
                  + " password.");
        }
        Optional<Login.Password> login = found.map(Login.Password.class::cast);
        login.ifPresent(mine -> user = mine.owner());
        return login;
      } catch (IOException e) {
        throw PreparationException.everywhere(
            "The login for the registry %s could not be read: %s"
                .formatted(name.registry(), e.getMessage()));
      }
    }

    private String token(Challenge challenge, Optional<Login.Password> login)
        throws PreparationException, InterruptedException {
      String realm = challenge.parameters().getOrDefault("realm", "");
      URI address = realm(realm, challenge);
      if (login.isPresent() && !isSafe(address)) {
        throw PreparationException.everywhere(
            "The registry %s wants the password of %s sent to %s without encryption, which Grain"
                    .formatted(name.registry(), user, realm)
                + " does not do.");
      }
      HttpResponse<byte[]> answer =
          login.isPresent() && login.get().isIdentityToken()
              ? exchange(realm, challenge, login.get().password())
              : send(address, login.map(ImageDigests::basic).orElse(null));
      if (answer.statusCode() == 401 || answer.statusCode() == 403) {
        throw refused(answer.statusCode());
      }
      Matcher token = TOKEN.matcher(new String(answer.body(), StandardCharsets.UTF_8));
      if (answer.statusCode() != 200 || !token.find()) {
        throw PreparationException.here(
            "%s, which the registry %s trusts, gave no token (status %s). Try again later."
                .formatted(address.getHost(), name.registry(), answer.statusCode()));
      }
      return token.group(1);
    }

    /** Gives an identity token, which has no user, for one that the registry takes. */
    private HttpResponse<byte[]> exchange(String realm, Challenge challenge, String identityToken)
        throws PreparationException, InterruptedException {
      String form =
          "grant_type=refresh_token&client_id=grain&refresh_token="
              + encode(identityToken)
              + "&service="
              + encode(challenge.parameters().getOrDefault("service", ""))
              + "&scope="
              + encode(challenge.parameters().getOrDefault("scope", ""));
      URI address = URI.create(realm);
      return receive(
          address,
          HttpRequest.newBuilder(address)
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private URI realm(String realm, Challenge challenge) throws PreparationException {
      String query =
          Stream.of("service", "scope")
              .filter(challenge.parameters()::containsKey)
              .map(key -> key + "=" + encode(challenge.parameters().getOrDefault(key, "")))
              .collect(Collectors.joining("&"));
      try {
        URI address =
            URI.create(realm + (query.isEmpty() ? "" : (realm.contains("?") ? "&" : "?") + query));
        if (address.getHost() != null) {
          return address;
        }
      } catch (IllegalArgumentException e) {
        // said below
      }
      throw PreparationException.everywhere(
          "The registry %s sends whoever asks to \"%s\", which is no address."
              .formatted(name.registry(), realm));
    }

    private PreparationException refused(int status) {
      return PreparationException.everywhere(
          user == null
              ? ("The registry %s wants a login for %s, or has no such image, and there is none for"
                      + " %s. Give one with Credentials.docker, or run docker login for Secret.dockerConfig.")
                  .formatted(name.registry(), name.words(), name.loginTarget())
              : ("The registry %s refused the login of %s for %s (status %s): the password is wrong,"
                      + " or that user may not read the image.")
                  .formatted(name.registry(), user, name.words(), status));
    }

    private String asked() {
      return user == null ? "" : " for " + user;
    }

    // -------------------------------------------------------------- requests

    private HttpResponse<byte[]> send(URI address, @Nullable String authorization)
        throws PreparationException, InterruptedException {
      URI target = address;
      String secret = authorization;
      for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
        HttpResponse<byte[]> answer = sendOnce(target, secret);
        Optional<String> location = answer.headers().firstValue("Location");
        if (answer.statusCode() / 100 != 3 || location.isEmpty()) {
          return answer;
        }
        URI next;
        try {
          next = target.resolve(location.get());
        } catch (IllegalArgumentException e) {
          return answer;
        }
        // who is named there is not named elsewhere
        secret = origin(next).equals(origin(target)) ? secret : null;
        if (!isSafe(next)) {
          throw PreparationException.everywhere(
              "The registry %s redirects to %s, which is not encrypted."
                  .formatted(name.registry(), origin(next)));
        }
        target = next;
      }
      throw PreparationException.here(
          "The registry %s redirects more than %s times when it is asked for %s."
              .formatted(name.registry(), MOST_REDIRECTS, name.words()));
    }

    private HttpResponse<byte[]> sendOnce(URI address, @Nullable String authorization)
        throws PreparationException, InterruptedException {
      HttpRequest.Builder request = HttpRequest.newBuilder(address).header("Accept", MANIFESTS);
      if (authorization != null) {
        request.header("Authorization", authorization);
      }
      return receive(address, request);
    }

    private HttpResponse<byte[]> receive(URI address, HttpRequest.Builder request)
        throws PreparationException, InterruptedException {
      CompletableFuture<HttpResponse<byte[]>> answer =
          client.sendAsync(
              request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
      try {
        return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        throw slow(address);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof HttpTimeoutException
            ? slow(address)
            : unreachable(address, e.getCause());
      } finally {
        answer.cancel(true);
      }
    }

    private PreparationException slow(URI address) {
      return PreparationException.here(
          "The registry %s did not answer within %s seconds when it was asked for %s%s. Check that"
                  .formatted(name.registry(), limit.toSeconds(), name.words(), elsewhere(address))
              + " it works, and that this machine reaches it.");
    }

    private PreparationException unreachable(URI address, @Nullable Throwable cause) {
      return PreparationException.here(
          "The registry %s could not be asked for %s%s: %s."
              .formatted(name.registry(), name.words(), elsewhere(address), reason(cause)));
    }

    private String elsewhere(URI address) {
      return origin(address).endsWith("://" + name.registry()) ? "" : " at " + origin(address);
    }
  }

  private static String reason(@Nullable Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof UnresolvedAddressException) {
        return "there is no machine of that name";
      }
      if (each instanceof SSLException) {
        return "the encrypted connection failed (" + each.getMessage() + ")";
      }
    }
    if (cause instanceof ConnectException) {
      return "nothing answers there";
    }
    return cause == null ? "the connection failed" : String.valueOf(cause.getMessage());
  }

  private static boolean isSafe(URI address) {
    return "https".equalsIgnoreCase(address.getScheme())
        || isLoopback(String.valueOf(address.getRawAuthority()));
  }

  private static String origin(URI address) {
    return address.getScheme() + "://" + address.getRawAuthority();
  }

  /** Returns whether a registry is on this machine, where it is not asked by HTTPS. */
  static boolean isLoopback(String registry) {
    return LOOPBACK.matcher(registry.toLowerCase(Locale.ROOT)).matches();
  }

  private static String basic(Login.Password login) {
    byte[] both = (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * Returns the digest of an image; of a name that has one, that, without asking.
   *
   * @throws PreparationException if there is no such image, the registry could not be asked, or it
   *     refuses who asks
   */
  public String resolve(ImageName name, Logins logins)
      throws PreparationException, InterruptedException {
    return name.isFixed() ? name.digest() : new Question(name, logins).ask();
  }

  /** Ends its connections. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
