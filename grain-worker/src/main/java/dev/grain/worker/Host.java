package dev.grain.worker;

import dev.grain.folder.CacheFolder;
import dev.grain.image.EngineProbe;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * What a worker finds where it is started.
 *
 * @param name of the machine
 * @param home the user's folder
 * @param environment its environment variables
 * @param detected what the machine has for jobs
 * @param heap the bytes that the heap of this JVM holds
 * @param respawning whether a parent starts it again
 * @param start what time it is
 */
record Host(
    String name,
    Path home,
    Map<String, String> environment,
    Offer detected,
    long heap,
    boolean respawning,
    Instant start) {
  /** Set by the launcher for a worker that it would start again. */
  static final String RESPAWN_PROPERTY = "grain.respawn";

  /**
   * Looks around. It reads a few files, asks the container engine whether it is there, and may ask
   * {@code nvidia-smi} for at most 5 seconds.
   */
  static Host here() {
    return new Host(
        ownName(),
        Path.of(System.getProperty("user.home", ".")),
        System.getenv(),
        Detection.detect().withEngine(EngineProbe.ofThisMachine().finds()),
        Runtime.getRuntime().maxMemory(),
        Boolean.getBoolean(RESPAWN_PROPERTY),
        Instant.now());
  }

  /** Returns what this machine is called. */
  static String ownName() {
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

  /** Returns where the code of programs is kept by default. */
  Path cacheFolder() {
    return CacheFolder.of(environment, home);
  }
}
