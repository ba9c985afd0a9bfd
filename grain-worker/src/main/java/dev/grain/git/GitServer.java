package dev.grain.git;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.apache.sshd.common.SshException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.RepositoryNotFoundException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.jspecify.annotations.Nullable;

/** One conversation with the server of a repository. Only for a thread of {@link QuietSystem}. */
final class GitServer {
  private final GitUrl url;
  private final Logins logins;
  private final GitSettings settings;
  private final RefusedLogins refusedLogins;
  private boolean refusedUser;

  /** Makes one; it finds a login and connects when there is something to ask. */
  GitServer(GitUrl url, Logins logins, GitSettings settings, RefusedLogins refusedLogins) {
    this.url = url;
    this.logins = logins;
    this.settings = settings;
    this.refusedLogins = refusedLogins;
  }

  /** Returns whether the last failure was one for this login, and not for another one. */
  boolean hasRefusedUser() {
    return refusedUser;
  }

  /** A server has refused something, but may permit something else. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient PreparationException failure;

    RefusedException(PreparationException failure, Exception cause) {
      super(cause);
      this.failure = failure;
    }

    PreparationException failure() {
      return failure;
    }
  }

  private interface Conversation<T> {
    T hold(Transport transport) throws IOException;
  }

  /** Returns the branches and tags that there are, and {@code HEAD}. */
  Map<String, Ref> refs() throws PreparationException, InterruptedException {
    try {
      return hold(
          null,
          transport -> {
            try (FetchConnection connection =
                transport.openFetch(List.of(), "HEAD", "refs/heads/", "refs/tags/")) {
              return connection.getRefsMap();
            }
          });
    } catch (RefusedException e) {
      throw e.failure();
    }
  }

  /**
   * Fetches into a repository.
   *
   * @param depth how many commits of each branch; 0 for all
   */
  void fetch(Repository repository, List<RefSpec> what, int depth, ProgressMonitor monitor)
      throws PreparationException, RefusedException, InterruptedException {
    hold(
        repository,
        transport -> {
          transport.setTagOpt(TagOpt.NO_TAGS);
          if (depth > 0) {
            transport.setDepth(depth);
          }
          transport.setRemoveDeletedRefs(depth == 0);
          return transport.fetch(monitor, what);
        });
  }

  private <T> T hold(@Nullable Repository repository, Conversation<T> conversation)
      throws PreparationException, RefusedException, InterruptedException {
    refusedUser = true; // if there is no login, or it was refused before
    GitLogin login = GitLogin.find(url, logins);
    refusedLogins.ensureNotRefused(url, login.login());
    refusedUser = false;
    SshSessions ssh = url.isSsh() ? SshSessions.of(url, login, settings) : null;
    try (Transport transport =
        repository == null
            ? Transport.open(url.forTransport(login.user()))
            : Transport.open(repository, url.forTransport(login.user()))) {
      transport.setTimeout((int) settings.patience().toSeconds());
      transport.setCredentialsProvider(login);
      if (transport instanceof SshTransport overSsh) {
        overSsh.setSshSessionFactory(ssh);
      }
      return conversation.hold(transport);
    } catch (IOException | RuntimeException e) {
      throw failure(e, login, ssh);
    } finally {
      if (ssh != null) {
        ssh.close();
      }
    }
  }

  /** Returns why the server could not be asked; throws what may go well in another way. */
  private PreparationException failure(Exception e, GitLogin login, @Nullable SshSessions ssh)
      throws RefusedException, InterruptedException {
    if (QuietSystem.isCancelled()) {
      throw new InterruptedException();
    }
    String text = allMessages(e);
    String refused = ssh == null ? null : ssh.refusedHost();
    if (refused != null) {
      return PreparationException.here("The server of %s %s.".formatted(url, refused));
    }
    if (isLogin(e, text)) {
      return refused(login, loginFailure(login));
    }
    if (find(e, UnknownHostException.class) != null
        || find(e, UnresolvedAddressException.class) != null) {
      return PreparationException.here(
          "The host %s of %s is not known on this node. Check the URL, and the name service of the node."
              .formatted(url.host(), url));
    }
    if (isSilence(e, text) || (ssh != null && ssh.isSilent())) {
      return PreparationException.here(
          "The server of %s has sent nothing for %s s. Check the server and the network of this node."
              .formatted(url, settings.patience().toSeconds()));
    }
    if (find(e, ConnectException.class) != null || find(e, NoRouteToHostException.class) != null) {
      return PreparationException.here(
          "The server of %s cannot be reached from this node (%s). Check the server and the network of this node."
              .formatted(url, login.scrub(rootMessage(e))));
    }
    if (find(e, SSLException.class) != null) {
      return PreparationException.here(
          "The certificate of %s is not trusted on this node (%s). Add it to the trust store of the JVM."
              .formatted(url, login.scrub(rootMessage(e))));
    }
    if (find(e, NoRemoteRepositoryException.class) != null
        || find(e, RepositoryNotFoundException.class) != null) {
      return refused(
          login,
          PreparationException.everywhere(
              "There is no git repository at %s%s"
                  .formatted(
                      url,
                      url.isFile()
                          ? "."
                          : login.isEmpty()
                              ? ", or it needs a login, and none is configured for it."
                              : ", or %s may not see it.".formatted(login.describe()))));
    }
    PreparationException failure =
        PreparationException.here(
            "%s cannot be read (%s)."
                .formatted(url, login.scrub(messageOf(e).replaceAll("[.\\s]+$", ""))));
    if (e instanceof TransportException || e instanceof NotSupportedException) {
      throw new RefusedException(failure, e);
    }
    if (e instanceof RuntimeException bug && !(e instanceof IllegalArgumentException)) {
      throw new RefusedException(failure, bug);
    }
    return failure;
  }

  private PreparationException refused(GitLogin login, PreparationException failure) {
    refusedUser = true;
    refusedLogins.remember(url, login.login(), failure);
    return failure;
  }

  private PreparationException loginFailure(GitLogin login) {
    return PreparationException.everywhere(
        login.isEmpty()
            ? "%s needs a login, and none is configured for it. Give one by Credentials.git(...)."
                .formatted(url)
            : "The server of %s has refused %s. Check that it is right and may read this repository."
                .formatted(url, login.describe()));
  }

  private boolean isLogin(Exception e, String text) {
    if (url.isWeb()) {
      return text.contains("not authorized")
          || text.contains("not permitted on")
          || text.contains("authentication not supported")
          || text.contains("authentication is not supported");
    }
    return url.isSsh()
        && find(e, SshException.class) != null
        && (text.contains("no more authentication methods") || text.contains("cannot log in"));
  }

  private static boolean isSilence(Exception e, String text) {
    return find(e, InterruptedIOException.class) != null
        || find(e, ClosedByInterruptException.class) != null
        || text.contains("closed by interrupt")
        || text.contains("timed out")
        || text.contains("timeout");
  }

  /** Finds an exception of a kind among the causes; null if there is none. */
  static <X extends Throwable> @Nullable X find(Throwable thrown, Class<X> kind) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (kind.isInstance(each)) {
        return kind.cast(each);
      }
    }
    return null;
  }

  private static String allMessages(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      text.append(each.getMessage()).append('\n');
    }
    return text.toString().toLowerCase(Locale.ROOT);
  }

  private static String messageOf(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.toString() : message;
  }

  private static String rootMessage(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return messageOf(root);
  }
}
