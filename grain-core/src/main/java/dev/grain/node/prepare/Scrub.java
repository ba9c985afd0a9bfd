package dev.grain.node.prepare;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds logins, remembers which secrets it has handed out, and takes them out of texts that are for
 * people, such as the messages of tools and servers. One for each preparation. For all threads.
 *
 * <pre>{@code
 * Scrub scrub = new Scrub(logins);
 * try {
 *   fetch(scrub.find(Logins.Service.GIT, url));
 * } catch (TransportException e) {
 *   throw PreparationException.everywhere(scrub.clean(e.getMessage()));
 * }
 * }</pre>
 */
public final class Scrub implements Logins {
  /** What a secret is replaced by. */
  public static final String MASK = "***";

  /** A user and a password in a URL. */
  private static final Pattern IN_URL = Pattern.compile("(?<=://)[^/?#\\s@:]*:[^/?#\\s]*@");

  /** The fewest characters of a part of a secret that are recognised in place of all of it. */
  private static final int SHORTEST_PART = 8;

  private final Logins logins;

  // guarded by this
  private final Set<String> secrets = new LinkedHashSet<>();

  /** Makes one that has handed out nothing, and finds what the logins find. */
  public Scrub(Logins logins) {
    this.logins = logins;
  }

  @Override
  public Optional<Login> find(Service service, String target)
      throws IOException, InterruptedException {
    Optional<Login> found = logins.find(service, target);
    found.ifPresent(this::add);
    return found;
  }

  /**
   * Remembers a secret that comes from elsewhere, such as a token that a server has given in
   * exchange.
   */
  public synchronized void add(Login login) {
    switch (login) {
      case Login.Password(String user, String password) -> {
        addForms(password);
        if (!password.isEmpty()) {
          addBase64(user + ":" + password);
        }
      }
      case Login.SshKey(String _, String key) -> {
        addForms(key.strip());
        key.lines()
            .map(String::strip)
            .filter(line -> line.length() >= SHORTEST_PART && !line.startsWith("-----"))
            .forEach(this::addForms);
      }
    }
  }

  private void addForms(String secret) {
    if (secret.isEmpty()) {
      return;
    }
    String inUrl = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    addText(secret);
    addText(inUrl);
    addText(inUrl.replace("+", "%20"));
    addText(lowerCaseEscapes(inUrl));
    addText(lowerCaseEscapes(inUrl.replace("+", "%20")));
    addText(secret.replace("\\", "\\\\").replace("\"", "\\\""));
    addBase64(secret);
    addInsideOfBase64(secret);
  }

  private static String lowerCaseEscapes(String inUrl) {
    return Pattern.compile("%[0-9A-F]{2}")
        .matcher(inUrl)
        .replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT));
  }

  private void addBase64(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    addText(Base64.getEncoder().encodeToString(bytes));
    addText(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    addText(Base64.getUrlEncoder().encodeToString(bytes));
    addText(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** Adds the characters that are the secret's alone where it is encoded with what is around it. */
  private void addInsideOfBase64(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + bytes.length];
      System.arraycopy(bytes, 0, shifted, before, bytes.length);
      int from = (before * 8 + 5) / 6;
      int to = shifted.length * 8 / 6;
      if (to - from >= SHORTEST_PART) {
        addText(Base64.getEncoder().encodeToString(shifted).substring(from, to));
        addText(Base64.getUrlEncoder().encodeToString(shifted).substring(from, to));
      }
    }
  }

  private void addText(String text) {
    secrets.add(text);
  }

  /** Returns the text without the secrets, and without passwords in URLs. */
  public synchronized String clean(String text) {
    String cleaned = text;
    for (String secret :
        secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList()) {
      cleaned = cleaned.replace(secret, MASK);
    }
    return IN_URL.matcher(cleaned).replaceAll(MASK + "@");
  }

  /** Returns the text without the users and passwords in its URLs. */
  public static String withoutPassword(String text) {
    return IN_URL.matcher(text).replaceAll("");
  }

  /** Says how many it knows; has none of them. */
  @Override
  public synchronized String toString() {
    return "Scrub[" + secrets.size() + " forms]";
  }
}
