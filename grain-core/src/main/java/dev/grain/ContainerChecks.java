package dev.grain;

import dev.grain.message.ContainerSetting;
import dev.grain.resource.internal.Amounts;
import dev.grain.text.Spelling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Refuses what a container cannot have, and says why. */
final class ContainerChecks {
  /** Where containers have the files of their job, and the classes of functions. */
  private static final List<String> OF_GRAIN = List.of("/grain", "/grain-code");

  private static final String PREFIX = "CAP_";

  private static final List<String> CAPABILITIES =
      List.of(
          "AUDIT_CONTROL",
          "AUDIT_READ",
          "AUDIT_WRITE",
          "BLOCK_SUSPEND",
          "BPF",
          "CHECKPOINT_RESTORE",
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "IPC_LOCK",
          "IPC_OWNER",
          "KILL",
          "LEASE",
          "LINUX_IMMUTABLE",
          "MAC_ADMIN",
          "MAC_OVERRIDE",
          "MKNOD",
          "NET_ADMIN",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_RAW",
          "PERFMON",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYSLOG",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_CHROOT",
          "SYS_MODULE",
          "SYS_NICE",
          "SYS_PACCT",
          "SYS_PTRACE",
          "SYS_RAWIO",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "WAKE_ALARM");

  private static final Pattern NETWORK = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final Pattern USER =
      Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]*(:[a-zA-Z0-9_][a-zA-Z0-9_.-]*)?");

  private ContainerChecks() {}

  static void ensureLocalName(String name) {
    ensure(
        !name.isBlank()
            && name.chars().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c)),
        "\"%s\" is not the name or id of an image, as in train:2.",
        name);
  }

  /** Returns where a mount is in the container, checked. */
  static String target(String path, List<ContainerSetting.Mount> others) {
    ensure(
        path.startsWith("/") && path.indexOf('\0') < 0,
        "\"%s\" is not an absolute path in a container, as in /data.",
        path);
    Path normal = Path.of(path).normalize();
    ensure(
        normal.getNameCount() > 0,
        "A mount at \"%s\" would hide all files of the image. Choose a folder, as in /data.",
        path);
    ensure(
        OF_GRAIN.stream().noneMatch(normal::startsWith),
        "A mount at \"%s\" is not possible: a container has the files of its job in "
            + String.join(" and ", OF_GRAIN),
        path);
    String target = normal.toString();
    ensure(
        others.stream().noneMatch(each -> each.container().equals(target)),
        "Two mounts at \"%s\": choose different paths in the container.",
        target);
    return target;
  }

  /** Returns the path on the worker, checked. */
  static String source(Path host) {
    ensure(
        host.isAbsolute() && host.toString().indexOf('\0') < 0,
        "\"%s\" is relative: a mount needs the absolute path of a file or folder of the worker.",
        host.toString());
    return host.normalize().toString();
  }

  static void ensureVariable(String name, String value) {
    ensure(
        !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf('\0') < 0,
        "\"%s\" cannot be the name of an environment variable.",
        name);
    ensure(
        value.indexOf('\0') < 0,
        "The value of %s contains a NUL character, which cannot be passed to a program.",
        name);
  }

  static void ensureImageFile(String image) {
    ensure(
        !image.contains("://"),
        "Isolation.apptainer takes the path of an image on the workers. Build it from \"%s\" there with: apptainer build.",
        image);
    ensure(
        !image.isBlank() && image.indexOf('\0') < 0,
        "\"%s\" is not the path of an image, as in /images/train.sif.",
        image);
  }

  static void ensureOptions(String... options) {
    for (String option : options) {
      ensure(
          option.startsWith("-") && option.length() > 1 && option.indexOf('\0') < 0,
          "\"%s\" is not an option of apptainer exec. Write a value in the same argument, as in --overlay=/data/overlay.img.",
          option);
    }
  }

  static void ensureNetwork(String network) {
    ensure(
        NETWORK.matcher(network).matches(),
        "\"%s\" is not a network: give \"none\", \"host\" or the name of a network of the engine.",
        network);
  }

  static void ensureUser(String user) {
    ensure(
        USER.matcher(user).matches(),
        "\"%s\" is not a user: give a name or an id, and maybe a group, as in 1000:1000.",
        user);
  }

  /** Returns the capabilities as workers take them. */
  static List<String> capabilities(String... names) {
    List<String> all = new ArrayList<>();
    for (String name : names) {
      String upper = name.toUpperCase(Locale.ROOT);
      String bare = upper.startsWith(PREFIX) ? upper.substring(PREFIX.length()) : upper;
      if (!CAPABILITIES.contains(bare)) {
        String nearest = Spelling.nearest(bare, CAPABILITIES);
        throw new IllegalArgumentException(
            "There is no Linux capability \"%s\"%s"
                .formatted(name, nearest == null ? "." : "; did you mean " + nearest + "?"));
      }
      if (!all.contains(bare)) {
        all.add(bare);
      }
    }
    return all;
  }

  static long size(String size) {
    return Amounts.ofMemory("sharedMemory", size);
  }

  private static void ensure(boolean condition, String sentence, String value) {
    if (!condition) {
      throw new IllegalArgumentException(sentence.formatted(value.replace("\0", "\\0")));
    }
  }
}
