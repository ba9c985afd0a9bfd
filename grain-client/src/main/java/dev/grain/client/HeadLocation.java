package dev.grain.client;

import dev.grain.key.ServerTrust;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a head is, how it is recognized, and the token that the caller has for it. Immutable.
 *
 * <pre>{@code
 * HeadLocation.find(System.getenv())      // the one that the command line uses
 * HeadLocation.of("https://head:15320").withFingerprint("SHA256:...").withToken(token)
 * }</pre>
 *
 * <p>A head without a known key is trusted if this computer trusts who signed its certificate, as
 * browsers do. Without TLS, only a head on this computer is called.
 */
public final class HeadLocation {
  /** The port of heads for people and programs. */
  public static final int PORT = 15_320;

  /** The variable with the address of the head. */
  public static final String HEAD_VARIABLE = "GRAIN_HEAD";

  /** The variable with the token. */
  public static final String TOKEN_VARIABLE = "GRAIN_TOKEN";

  /** The variable with the fingerprint of the key of the head. */
  public static final String FINGERPRINT_VARIABLE = "GRAIN_FINGERPRINT";

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String HTTPS = "https";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final String URL_FILE = "https.url";
  private static final String CERTIFICATE_FILE = "https.crt";
  private static final String TOKEN_FILE = "admin.token";

  private final URI url;
  private final @Nullable ServerTrust trust;
  private final @Nullable String token;
  private final Source source;

  /** How it became known. */
  public enum Source {
    /** A program, a command line or a variable has named it. */
    NAMED,
    /** The user has logged in. */
    LOGIN,
    /** It is the head that the user runs on this computer. */
    OWN
  }

  private HeadLocation(
      URI url, @Nullable ServerTrust trust, @Nullable String token, Source source) {
    this.url = url;
    this.trust = trust;
    this.token = token;
    this.source = source;
  }

  /**
   * Returns the head at an address, without a token.
   *
   * @param url such as {@code https://head:15320}; the scheme and the port may be missing
   * @throws IllegalArgumentException if it is no address of a head
   */
  public static HeadLocation of(String url) {
    return new HeadLocation(parse(url.strip()), null, null, Source.NAMED);
  }

  private static URI parse(String text) {
    URI parsed;
    try {
      parsed = new URI(text.contains("://") ? text : HTTPS + "://" + text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(wrong(text, "is no address"), e);
    }
    String scheme = String.valueOf(parsed.getScheme()).toLowerCase(Locale.ROOT);
    String host = parsed.getHost();
    if (host == null) {
      throw new IllegalArgumentException(wrong(text, "names no host"));
    }
    String path = Objects.requireNonNullElse(parsed.getPath(), "");
    boolean bare =
        (path.isEmpty() || path.equals("/"))
            && parsed.getQuery() == null
            && parsed.getFragment() == null
            && parsed.getUserInfo() == null;
    if (!bare) {
      throw new IllegalArgumentException(wrong(text, "has more than a host and a port"));
    }
    if (scheme.equals("http") && !LOOPBACK.contains(host)) {
      throw new IllegalArgumentException(
          "%s would send the token in plain text. Write https.".formatted(text));
    }
    if (!scheme.equals(HTTPS) && !scheme.equals("http")) {
      throw new IllegalArgumentException(wrong(text, "is not one of https"));
    }
    int port = parsed.getPort() < 0 ? PORT : parsed.getPort();
    return URI.create("%s://%s:%s".formatted(scheme, host, port));
  }

  private static String wrong(String text, String what) {
    return "\"%s\" %s. Write the address of the head as in https://head:%s."
        .formatted(Fields.shown(text), what, PORT);
  }

  /** Returns it with the token of a user. */
  public HeadLocation withToken(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty() || !stripped.chars().allMatch(each -> each > ' ' && each < 127)) {
      throw new IllegalArgumentException(
          "The token is empty, or has characters that no token has. Expected: one line, such as grain_..., as 'grain tokens add' prints it.");
    }
    return new HeadLocation(url, trust, stripped, source);
  }

  /**
   * Returns it with the fingerprint by which the head is recognized.
   *
   * @param fingerprint as 'grain head start' prints it
   * @throws IllegalArgumentException if it is none
   */
  public HeadLocation withFingerprint(String fingerprint) {
    return new HeadLocation(url, ServerTrust.of(fingerprint.strip()), token, source);
  }

  /**
   * Returns it with the certificate by which the head is recognized.
   *
   * @param certificate a copy of https.crt in the data folder of the head
   * @throws IOException if it cannot be read
   */
  public HeadLocation withCertificate(Path certificate) throws IOException {
    return new HeadLocation(url, ServerTrust.of(certificate), token, source);
  }

  private HeadLocation from(Source other) {
    return new HeadLocation(url, trust, token, other);
  }

  // ---------------------------------------------------------------- finding

  /**
   * Finds the head as the command line does: by the variables {@code GRAIN_HEAD}, {@code
   * GRAIN_TOKEN} and {@code GRAIN_FINGERPRINT}, or as the user has logged in, or the head that the
   * user runs on this computer.
   *
   * @param variables those of the environment
   * @return empty if there is none
   * @throws IllegalArgumentException if a variable is wrong
   * @throws IllegalStateException if a file cannot be used
   */
  public static Optional<HeadLocation> find(Map<String, String> variables) {
    String named = variables.getOrDefault(HEAD_VARIABLE, "");
    if (!named.isEmpty()) {
      return Optional.of(named(named, variables));
    }
    return login(variables).map(known -> known.overriddenBy(variables)).or(() -> own(variables));
  }

  /**
   * Finds the token and the key of a head at an address: in the variables, or as the user has
   * logged in there, or as those of the head that the user runs.
   *
   * @param url see {@link #of}
   * @throws IllegalArgumentException if the address or a variable is wrong
   * @throws IllegalStateException if a file cannot be used
   */
  public static HeadLocation named(String url, Map<String, String> variables) {
    HeadLocation bare = of(url);
    return login(variables)
        .filter(bare::isAt)
        .or(() -> own(variables).filter(bare::isAt))
        .map(known -> known.from(Source.NAMED))
        .orElse(bare)
        .overriddenBy(variables);
  }

  private boolean isAt(HeadLocation other) {
    return url.equals(other.url);
  }

  private HeadLocation overriddenBy(Map<String, String> variables) {
    String token = variables.getOrDefault(TOKEN_VARIABLE, "");
    String fingerprint = variables.getOrDefault(FINGERPRINT_VARIABLE, "");
    HeadLocation trusting = fingerprint.isEmpty() ? this : withFingerprint(fingerprint);
    return token.isEmpty() ? trusting : trusting.withToken(token);
  }

  private static Optional<HeadLocation> login(Map<String, String> variables) {
    return new LoginFile(variables).read().map(known -> known.from(Source.LOGIN));
  }

  /**
   * Returns the head that the user runs on this computer; empty if none runs. One that was killed
   * may still be told.
   *
   * @throws IllegalStateException if a file of it cannot be used
   */
  public static Optional<HeadLocation> own(Map<String, String> variables) {
    Path folder = ownFolder(variables);
    Path file = folder.resolve(URL_FILE);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      HeadLocation own =
          of(Files.readString(file)).withCertificate(folder.resolve(CERTIFICATE_FILE));
      Path token = folder.resolve(TOKEN_FILE);
      return Optional.of(
          (Files.exists(token) ? own.withToken(Files.readString(token)) : own).from(Source.OWN));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "The head of this user cannot be found by the files in %s: %s. Start it again by 'grain head start'."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /** Returns the data folder of the head that the user runs on this computer. */
  public static Path ownFolder(Map<String, String> variables) {
    return new UserFolders(variables).ownHead();
  }

  /**
   * Keeps it, in a file that the user alone can read, as the head that {@link #find} finds.
   *
   * @throws IllegalStateException if the file cannot be written, or it has no token
   */
  public void keep(Map<String, String> variables) {
    new LoginFile(variables).write(this);
  }

  /**
   * Forgets what was kept.
   *
   * @return what it was; empty if there was nothing
   * @throws IllegalStateException if the file cannot be removed
   */
  public static Optional<String> forget(Map<String, String> variables) {
    return new LoginFile(variables).remove();
  }

  // ---------------------------------------------------------------- what is known

  /** Returns its address, such as {@code https://head:15320}. */
  public URI url() {
    return url;
  }

  /** Returns the fingerprint by which it is recognized; empty if its certificate tells. */
  public Optional<String> fingerprint() {
    return trust().map(ServerTrust::fingerprint);
  }

  /** Returns whether there is a token for it. */
  public boolean hasToken() {
    return token != null;
  }

  /** Returns how it became known. */
  public Source source() {
    return source;
  }

  /**
   * Asks the head for its key, and tells the fingerprint of what it shows, for somebody to compare.
   *
   * @throws IOException if nothing answers there, or not by TLS
   */
  public String shownFingerprint() throws IOException {
    return ServerTrust.shownBy(bareHost(), url.getPort(), PATIENCE);
  }

  private String bareHost() {
    String host = url.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  Optional<ServerTrust> trust() {
    return Optional.ofNullable(trust);
  }

  Optional<String> token() {
    return Optional.ofNullable(token);
  }

  /** Tells the address, and nothing that is secret. */
  @Override
  public String toString() {
    return url.toString();
  }
}
