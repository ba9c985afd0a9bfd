package dev.grain.git;

import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/** Who one conversation with a server is held as. Only for the thread of the conversation. */
final class GitLogin extends CredentialsProvider {
  private final GitUrl url;
  private final @Nullable Login login;

  private GitLogin(GitUrl url, @Nullable Login login) {
    this.url = url;
    this.login = login;
  }

  /** Finds what a server is to be shown; what the address itself has goes before. */
  static GitLogin find(GitUrl url, Logins logins)
      throws PreparationException, InterruptedException {
    Login.Password own = url.password();
    if (own != null && !own.password().isEmpty()) {
      return new GitLogin(url, own);
    }
    Optional<Login> found;
    try {
      found = logins.find(Logins.Service.GIT, url.toString());
    } catch (IOException e) {
      throw PreparationException.everywhere(
          "The login for %s could not be read: %s".formatted(url, e.getMessage()));
    }
    return new GitLogin(url, found.isPresent() ? found.get() : own);
  }

  /** Returns the private key; null if there is none. */
  @Nullable String privateKey() {
    return login instanceof Login.SshKey key ? key.privateKey() : null;
  }

  boolean hasPassword() {
    return login instanceof Login.Password;
  }

  /** Returns the user; empty if nobody has said one. */
  String user() {
    String user =
        switch (login) {
          case Login.Password password -> password.user();
          case Login.SshKey key -> key.user();
          case null -> "";
        };
    String inUrl = url.user();
    return user.isEmpty() && inUrl != null ? inUrl : user;
  }

  /** Returns who it is, for people. */
  String describe() {
    String user = user();
    if (login != null && login.equals(url.password())) {
      return "the login in its URL";
    }
    String named = user.isEmpty() || url.secrets().contains(user) ? "" : " of " + user;
    return switch (login) {
      case Login.Password _ -> "the password or token" + named;
      case Login.SshKey _ -> "the ssh key" + named;
      case null -> "nothing";
    };
  }

  boolean isEmpty() {
    return login == null;
  }

  /** Returns the secret; null if there is none. */
  @Nullable Login login() {
    return login;
  }

  /** Removes what nobody may see from a text. */
  String scrub(@Nullable String text) {
    String clean = GitUrl.withoutSecrets(String.valueOf(text));
    List<String> secrets = new ArrayList<>(url.secrets());
    switch (login) {
      case Login.Password password -> secrets.add(password.password());
      case Login.SshKey key -> secrets.add(key.privateKey());
      case null -> {}
    }
    for (String each : secrets) {
      if (!each.isEmpty()) {
        clean = clean.replace(each, "***");
      }
    }
    return clean;
  }

  @Override
  public boolean isInteractive() {
    return false;
  }

  @Override
  public boolean supports(CredentialItem... items) {
    for (CredentialItem each : items) {
      if (!(each instanceof CredentialItem.Username || each instanceof CredentialItem.Password)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean get(URIish server, CredentialItem... items) {
    if (!(login instanceof Login.Password password) || !isSameServer(server) || !supports(items)) {
      return false;
    }
    for (CredentialItem each : items) {
      switch (each) {
        case CredentialItem.Username name ->
            name.setValue(user().isEmpty() ? GitUrl.USER_OF_TOKEN : user());
        case CredentialItem.Password secret -> secret.setValue(password.password().toCharArray());
        default -> throw new IllegalStateException(each.toString());
      }
    }
    return true;
  }

  /** Returns false for a server that the right one has sent us to: the password is not for it. */
  private boolean isSameServer(URIish server) {
    URIish expected = url.forTransport("");
    boolean upgraded =
        "http".equals(expected.getScheme())
            && "https".equals(server.getScheme())
            && server.getPort() < 0;
    return String.valueOf(server.getHost())
            .toLowerCase(Locale.ROOT)
            .equals(String.valueOf(expected.getHost()).toLowerCase(Locale.ROOT))
        && (upgraded || server.getPort() == expected.getPort());
  }
}
