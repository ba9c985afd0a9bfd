package dev.grain.minion;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The part of an address that says which broker: {@code
 * //[user[:password]@]host[:port][,...]/path}. In user and password, characters such as {@code @}
 * and {@code /} are written as {@code %40} and {@code %2F}. Without the two slashes, all of it is
 * the path, at the broker of this machine.
 *
 * @param user the name; null if none is given
 * @param password the password; null if none is given
 * @param hosts where the broker may be; not empty
 * @param path what follows the slash, decoded
 */
public record BrokerAddress(
    @Nullable String user, @Nullable String password, List<Host> hosts, String path) {
  private static final Pattern FORM = Pattern.compile("//(?:([^@/]*)@)?([^@/]*)(?:/(.*))?");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^:\\[\\]\\s]+)(?::(\\d{1,5}))?");

  /** What is no port may be a part of a password. */
  private static final Pattern PART_OF_PASSWORD = Pattern.compile(":(?!\\d+$)[^\\]]+$");

  /** Where a broker listens. */
  public record Host(String name, int port) {
    @Override
    public String toString() {
      return name + ":" + port;
    }
  }

  /** Makes one. */
  public BrokerAddress {
    hosts = List.copyOf(hosts);
  }

  /**
   * Reads the part.
   *
   * @param port the port if none is given
   * @throws QueueException if it has errors
   */
  public static BrokerAddress of(QueueAddress address, int port) throws QueueException {
    if (!address.rest().startsWith("//")) {
      return new BrokerAddress(
          null, null, List.of(new Host("localhost", port)), decoded(address, address.rest()));
    }
    Matcher matcher = FORM.matcher(address.rest());
    if (!matcher.matches()) {
      throw new QueueException(
          "The address %s is wrong: write %s://HOST:%s/NAME, and @ and / in a password as %%40 and %%2F."
              .formatted(address, address.scheme(), port));
    }
    List<Host> hosts = new ArrayList<>();
    for (String each : matcher.group(2).split(",", -1)) {
      hosts.add(host(address, each, port));
    }
    String user = matcher.group(1);
    String password = null;
    if (user != null && user.indexOf(':') >= 0) {
      password = decoded(address, user.substring(user.indexOf(':') + 1));
      user = user.substring(0, user.indexOf(':'));
    }
    return new BrokerAddress(
        user == null || user.isEmpty() ? null : decoded(address, user),
        password,
        hosts,
        matcher.group(3) == null ? "" : decoded(address, matcher.group(3)));
  }

  /** Returns it without the password. */
  @Override
  public String toString() {
    return hosts + "/" + path;
  }

  private static Host host(QueueAddress address, String text, int port) throws QueueException {
    Matcher matcher = HOST.matcher(text);
    int given = port;
    boolean valid = matcher.matches();
    if (valid && matcher.group(2) != null) {
      given = Integer.parseInt(matcher.group(2));
      valid = given >= 1 && given <= 65_535;
    }
    if (!valid) {
      throw new QueueException(
          "The address %s names the host '%s'. Write its name, and a port from 1 to 65535 if it is not %s."
              .formatted(address, PART_OF_PASSWORD.matcher(text).replaceFirst(":***"), port));
    }
    String name = matcher.group(1);
    return new Host(name.startsWith("[") ? name.substring(1, name.length() - 1) : name, given);
  }

  private static String decoded(QueueAddress address, String text) throws QueueException {
    try {
      // a plus sign stands for itself here
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new QueueException(
          "The address %s has a %% that is not followed by two hexadecimal digits. Write %% as %%25."
              .formatted(address),
          e);
    }
  }

  /**
   * Returns what trusts the authorities whose certificates are in the file that the parameter
   * {@code ca} names; without it, those that the JVM trusts.
   *
   * @throws QueueException if the file cannot be used
   */
  public static SSLContext trust(QueueAddress address) throws QueueException {
    String file = address.parameters().get("ca");
    try {
      if (file == null) {
        return SSLContext.getDefault();
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (InputStream in = Files.newInputStream(Path.of(file))) {
        for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry("ca" + store.size(), each);
        }
      }
      if (store.size() == 0) {
        throw new QueueException("The file %s has no certificate in PEM form.".formatted(file));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new QueueException(
          "The certificates in %s cannot be read: %s. The parameter ca names a file in PEM form."
              .formatted(file == null ? "the JDK" : file, e),
          e);
    }
  }
}
