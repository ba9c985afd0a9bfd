package dev.grain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A server and a path on it: what credentials are for, or what they are needed for.
 *
 * @param scheme in lower case; empty if none is given
 * @param host in lower case
 * @param port 0 for the usual one of the scheme
 * @param segments those of the path
 */
record ServerPath(String scheme, String host, int port, List<String> segments) {
  private static final String HUB = "registry-1.docker.io";
  private static final Set<String> NAMES_OF_HUB = Set.of("docker.io", "index.docker.io", HUB);

  private static final Map<String, Integer> PORTS =
      Map.of("https", 443, "http", 80, "ssh", 22, "git", 9418);

  /**
   * Those that carry secrets for everybody to read: only credentials that name them are for them.
   */
  private static final Set<String> READABLE = Set.of("http", "git");

  private static final int LARGEST_PORT = 65_535;

  /** Returns whether this is the server of the target, and a beginning of its path. */
  boolean covers(ServerPath target) {
    boolean sameScheme =
        scheme.isEmpty() ? !READABLE.contains(target.scheme) : scheme.equals(target.scheme);
    return sameScheme
        && host.equals(target.host)
        && usual(port, target.scheme) == usual(target.port, target.scheme)
        && segments.size() <= target.segments.size()
        && segments.equals(target.segments.subList(0, segments.size()));
  }

  private static int usual(int port, String scheme) {
    return port == 0 ? PORTS.getOrDefault(scheme, 0) : port;
  }

  // ---------------------------------------------------------------- registries

  /**
   * Returns what credentials for a registry are for: its host, and maybe a beginning of the names
   * of repositories.
   *
   * @throws IllegalArgumentException if it is none
   */
  static ServerPath ofRegistryPrefix(String text) {
    ensurePlain("registry", text);
    String rest = withoutScheme(text);
    boolean url = rest.length() < text.length();
    int slash = rest.indexOf('/');
    String first = slash < 0 ? rest : rest.substring(0, slash);
    if (!isDomain(first)) {
      throw new IllegalArgumentException(
          ("registry is \"%s\": begin with the host of the registry, as in \"ghcr.io\","
                  + " \"localhost:5000\" or \"docker.io/acme\"")
              .formatted(text));
    }
    // the config of Docker has names such as https://index.docker.io/v1/
    String path = slash < 0 ? "" : rest.substring(slash + 1);
    return registry(first, url && path.matches("v[12]/?") ? "" : path);
  }

  /** Returns what an image is pulled from: the host, a slash, and the repository. */
  static ServerPath ofRegistryTarget(String text) {
    String rest = withoutScheme(text);
    int slash = rest.indexOf('/');
    if (slash < 0) {
      return isDomain(rest) ? registry(rest, "") : registry(HUB, "library/" + rest);
    }
    String first = rest.substring(0, slash);
    return isDomain(first) ? registry(first, rest.substring(slash + 1)) : registry(HUB, rest);
  }

  private static String withoutScheme(String text) {
    int end = text.indexOf("://");
    return end < 0 ? text : text.substring(end + 3);
  }

  private static boolean isDomain(String first) {
    return first.contains(".") || first.contains(":") || first.equals("localhost");
  }

  private static ServerPath registry(String authority, String path) {
    ServerPath found = at("https", authority, path);
    return NAMES_OF_HUB.contains(found.host)
        ? new ServerPath(found.scheme, HUB, found.port, found.segments)
        : found;
  }

  // ---------------------------------------------------------------- git servers

  /**
   * Returns what credentials for git are for: the beginning of a URL, a host, or a host and a path.
   *
   * @throws IllegalArgumentException if it is none
   */
  static ServerPath ofGitPrefix(String text) {
    ensurePlain("urlPrefix", text);
    ServerPath parsed = git(text, true);
    if (parsed.host.isEmpty()) {
      throw new IllegalArgumentException(
          ("urlPrefix is \"%s\": begin with a scheme and a host, or a host, as in"
                  + " \"https://github.com/acme\", \"git@github.com\" or \"github.com\"")
              .formatted(text));
    }
    return parsed;
  }

  /** Returns what is cloned or fetched; without a host if it is on this machine. */
  static ServerPath ofGitTarget(String url) {
    return git(url, false);
  }

  private static ServerPath git(String text, boolean prefix) {
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      String name = text.substring(0, scheme).toLowerCase(Locale.ROOT);
      String rest = text.substring(scheme + 3);
      int slash = rest.indexOf('/');
      return at(
          name.equals("git+ssh") || name.equals("ssh+git") ? "ssh" : name,
          slash < 0 ? rest : rest.substring(0, slash),
          slash < 0 ? "" : rest.substring(slash + 1));
    }
    int slash = text.indexOf('/');
    String authority = slash < 0 ? text : text.substring(0, slash);
    boolean user = authority.indexOf('@') >= 0;
    int colon = authority.indexOf(':', authority.indexOf(']') + 1);
    if (colon >= 0 && !(prefix && !user && isPort(authority.substring(colon + 1)))) {
      // as ssh has it: user@host:path
      return at("ssh", text.substring(0, colon), text.substring(colon + 1));
    }
    if (!prefix) {
      return new ServerPath("file", "", 0, List.of());
    }
    return at(user ? "ssh" : "", authority, slash < 0 ? "" : text.substring(slash + 1));
  }

  // ---------------------------------------------------------------- both

  private static void ensurePlain(String parameter, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(parameter + " is blank");
    }
    if (text.chars().anyMatch(each -> each <= ' ' || each == '*' || each == 0x7f)) {
      throw new IllegalArgumentException(
          parameter + " contains white space, a control character or \"*\": give a plain prefix");
    }
    if (text.matches("([^/]*://)?[^/@:]*:[^/]*@.*")) {
      throw new IllegalArgumentException(
          parameter + " contains a password: leave it out, and pass it as a Secret");
    }
  }

  private static ServerPath at(String scheme, String authority, String path) {
    String server = authority.substring(authority.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    int colon = server.indexOf(':', server.indexOf(']') + 1);
    int port = 0;
    if (colon >= 0) {
      String digits = server.substring(colon + 1);
      port = isPort(digits) ? Integer.parseInt(digits) : digits.isEmpty() ? 0 : -1;
      server = server.substring(0, colon);
    }
    boolean usual = PORTS.getOrDefault(scheme, 0) == port;
    return new ServerPath(scheme, server, usual ? 0 : port, segments(path));
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= LARGEST_PORT;
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String each : path.split("[?#]", 2)[0].split("/", -1)) {
      if (each.equals("..")) {
        if (!segments.isEmpty()) {
          segments.removeLast();
        }
      } else if (!each.isEmpty() && !each.equals(".")) {
        segments.add(each);
      }
    }
    if (!segments.isEmpty()) {
      String last = segments.getLast();
      if (last.endsWith(".git") && last.length() > ".git".length()) {
        segments.set(segments.size() - 1, last.substring(0, last.length() - ".git".length()));
      }
    }
    return List.copyOf(segments);
  }
}
