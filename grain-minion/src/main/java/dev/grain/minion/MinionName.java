package dev.grain.minion;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import java.util.regex.Pattern;

/** The names by which queues tell minions apart. */
public final class MinionName {
  private static final Pattern OTHERS = Pattern.compile("[^A-Za-z0-9]+");
  private static final int LONGEST_HOST = 40;

  private MinionName() {}

  /**
   * Returns a name that no minion ever had: of the host, the process and a random number, so that
   * people see from it where the minion runs. It has letters, digits and hyphens.
   */
  public static String next() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    String plain = OTHERS.matcher(host).replaceAll("-");
    return "%s-%s-%s"
        .formatted(
            plain.substring(0, Math.min(LONGEST_HOST, plain.length())),
            ProcessHandle.current().pid(),
            UUID.randomUUID().toString().substring(0, 8));
  }
}
