package dev.grain.worker;

import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker finds where it is started.
 *
 * @param name of the machine
 * @param home the user's folder
 * @param environment its environment variables
 * @param detected what the machine has for jobs
 * @param heap the bytes that the heap of this JVM holds
 * @param respawning whether a parent starts it again
 */
record Host(
    String name,
    Path home,
    Map<String, String> environment,
    Offer detected,
    long heap,
    boolean respawning) {
  /** Set by the launcher for a worker that it would start again. */
  static final String RESPAWN_PROPERTY = "grain.respawn";

  /** Looks around. It reads a few files, and may ask {@code nvidia-smi} for at most 5 seconds. */
  static Host here() {
    return new Host(
        hostName(),
        Path.of(System.getProperty("user.home", ".")),
        System.getenv(),
        Detection.detect(),
        Runtime.getRuntime().maxMemory(),
        Boolean.getBoolean(RESPAWN_PROPERTY));
  }

  private static String hostName() {
    try {
      // asked first, as asking for the address may take seconds where no name server answers
      String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      if (!name.isEmpty()) {
        return name;
      }
    } catch (IOException notLinux) {
      // the address knows it
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException nameless) {
      return "localhost";
    }
  }

  /** Returns the value of a variable, or null if it is not set or empty. */
  @Nullable String variable(String variable) {
    String value = environment.get(variable);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** Returns where the code of users is kept if nothing says so. */
  Path cacheFolder() {
    String named = variable("GRAIN_CACHE_DIR");
    if (named != null) {
      return Path.of(named);
    }
    String caches = variable("XDG_CACHE_HOME");
    return (caches == null ? home.resolve(".cache") : Path.of(caches)).resolve("grain");
  }
}
