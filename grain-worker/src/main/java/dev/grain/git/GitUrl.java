package dev.grain.git;

import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.PreparationException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/** The address of a repository. Its text has no secret. */
final class GitUrl {
  private static final Set<String> WEB = Set.of("http", "https");
  private static final Set<String> SSH = Set.of("ssh", "ssh+git", "git+ssh");
  private static final Map<String, Integer> PORTS =
      Map.of("http", 80, "https", 443, "ssh", 22, "git", 9418);

  /** What servers that want only a token take as the name of its user. */
  static final String USER_OF_TOKEN = "x-access-token";

  private final String written;
  private final URIish uri;

  private GitUrl(String written, URIish uri) {
    this.written = written;
    this.uri = uri;
  }

  /** Reads an address as it is written. */
  static GitUrl of(String written) throws PreparationException {
    URIish uri;
    try {
      uri = new URIish(written.strip());
    } catch (URISyntaxException e) {
      throw PreparationException.everywhere(
          "%s is not the URL of a git repository. Write https://host/path, ssh://user@host/path, user@host:path or file:///path."
              .formatted(withoutSecrets(written)));
    }
    GitUrl url = new GitUrl(written.strip(), uri);
    String scheme = url.scheme();
    if (!WEB.contains(scheme) && !SSH.contains(scheme) && !Set.of("git", "file").contains(scheme)) {
      throw PreparationException.everywhere(
          "%s begins with %s://, but git repositories are read by https, http, ssh, git and file."
              .formatted(url, scheme));
    }
    if (url.isFile() ? !url.path().startsWith("/") : uri.getHost() == null) {
      throw PreparationException.everywhere(
          url.isFile()
              ? "The repository %s is a relative path, which every node would take for another one. Write the whole path."
                  .formatted(url)
              : "%s names no host.".formatted(url));
    }
    return url;
  }

  /** Returns an address for people; also if it is not one. */
  static String withoutSecrets(String written) {
    return written.replaceAll("://[^/]*@", "://").replaceAll("^[^/@]*:[^/@]*@", "");
  }

  private String scheme() {
    String scheme = uri.getScheme();
    if (scheme == null) {
      return uri.getHost() == null ? "file" : "ssh";
    }
    return scheme.toLowerCase(Locale.ROOT);
  }

  boolean isSsh() {
    return SSH.contains(scheme());
  }

  boolean isWeb() {
    return WEB.contains(scheme());
  }

  boolean isFile() {
    return "file".equals(scheme());
  }

  /** Returns the path on the server. */
  String path() {
    return String.valueOf(uri.getPath());
  }

  /** Returns the host, as people write it; empty for files. */
  String host() {
    String host = uri.getHost();
    return host == null ? "" : uri.getPort() < 0 ? host : host + ":" + uri.getPort();
  }

  /** Returns the user in the address; null if there is none. Of a web address it may be a token. */
  @Nullable String user() {
    return uri.getUser();
  }

  /** Returns the name and the password in the address; null if there are none. */
  Login.@Nullable Password password() {
    String user = uri.getUser();
    String password = uri.getPass();
    if (password == null) {
      return isWeb() && user != null ? new Login.Password(user, "") : null;
    }
    return new Login.Password(user == null || user.isEmpty() ? USER_OF_TOKEN : user, password);
  }

  /** Returns what must not be shown of the address. */
  List<String> secrets() {
    String user = uri.getUser();
    String password = uri.getPass();
    return isWeb() && user != null
        ? List.of(user, password == null ? "" : password)
        : List.of(password == null ? "" : password);
  }

  /** Returns what JGit connects to: it does not learn secrets by it. */
  URIish forTransport(String user) {
    URIish clean = uri.setPass(null).setUser(null);
    return isSsh() && !user.isEmpty() ? clean.setUser(user) : clean;
  }

  /** Returns a text that is the same for addresses of the same repository; without a secret. */
  String key() {
    String path = path().replaceAll("/+$", "");
    if (isFile()) {
      return "file://" + path;
    }
    String scheme = isSsh() ? "ssh" : scheme();
    int port = uri.getPort();
    String user = isSsh() && uri.getUser() != null ? uri.getUser() + "@" : "";
    // a path without a slash is relative to the home of the user
    return "%s://%s%s%s%s"
        .formatted(
            scheme,
            user,
            String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT),
            port < 0 || Integer.valueOf(port).equals(PORTS.get(scheme)) ? "" : ":" + port,
            (path.startsWith("/") ? "" : "/~/") + path.replaceAll("\\.git$", ""));
  }

  /** Returns the address that a submodule names, which may be relative to this one. */
  GitUrl ofSubmodule(String submodule) throws PreparationException {
    if (!submodule.startsWith("./") && !submodule.startsWith("../")) {
      return of(submodule);
    }
    String base = written.replaceAll("/+$", "");
    String rest = submodule;
    boolean colon = false;
    while (true) {
      if (rest.startsWith("./")) {
        rest = rest.substring(2);
      } else if (rest.startsWith("../")) {
        rest = rest.substring(3);
        int slash = base.lastIndexOf('/');
        int end = slash >= 0 ? slash : base.lastIndexOf(':');
        colon = slash < 0;
        if (end <= 0 || base.startsWith("://", end - 2)) {
          throw PreparationException.everywhere(
              "The submodule %s of %s leads above the root of the server."
                  .formatted(submodule, this));
        }
        base = base.substring(0, end);
      } else {
        return of(base + (colon ? ":" : "/") + rest);
      }
    }
  }

  @Override
  public String toString() {
    if (uri.getScheme() == null && uri.getHost() == null) {
      return path();
    }
    URIish shown = uri.setPass(null);
    return (isSsh() ? shown : shown.setUser(null)).toString();
  }
}
