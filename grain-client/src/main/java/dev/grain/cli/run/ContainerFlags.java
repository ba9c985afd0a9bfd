package dev.grain.cli.run;

import dev.grain.Isolation;
import dev.grain.image.ImageName;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The containers that the flags of {@code grain run} ask for. */
final class ContainerFlags {
  private static final String READ_ONLY = ":ro";
  private static final String WRITABLE = ":rw";

  private ContainerFlags() {}

  /**
   * Returns the container of each job; null for none.
   *
   * @param here the current directory
   * @throws IllegalArgumentException if a flag is wrong; the message says which
   */
  static Isolation.@Nullable Container container(RunFlags flags, Path here) {
    Isolation.Container container = ofImage(flags);
    if (container == null) {
      return null;
    }
    boolean mounted = false;
    for (String each : flags.mounts) {
      Mount mount = Mount.parse(each, flags, here);
      mounted |= Path.of(mount.path()).normalize().equals(here);
      container = mounted(container, mount, each);
    }
    return hasFolder(flags, here) && !mounted ? container.mount(here, here.toString()) : container;
  }

  private static Isolation.@Nullable Container ofImage(RunFlags flags) {
    try {
      return flags.localImage != null
          ? Isolation.localImage(flags.localImage)
          : flags.image != null ? Isolation.container(flags.image) : null;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          (flags.image == null ? "--local-image: " : "--image: ") + e.getMessage(), e);
    }
  }

  private static Isolation.Container mounted(
      Isolation.Container container, Mount mount, String text) {
    try {
      return mount.readOnly()
          ? container.mountReadOnly(mount.host(), mount.path())
          : container.mount(mount.host(), mount.path());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--mount %s: %s".formatted(text, e.getMessage()), e);
    }
  }

  /** Returns whether the containers have the current directory, and run in it. */
  private static boolean hasFolder(RunFlags flags, Path here) {
    return flags.workers.isEmpty() && flags.git == null && here.getNameCount() > 0;
  }

  /**
   * Returns where jobs run; null for where they do by themselves.
   *
   * @param here the current directory
   */
  static @Nullable Path workingDir(RunFlags flags, Path here) {
    boolean inContainer = flags.image != null || flags.localImage != null;
    if (!inContainer || !hasFolder(flags, here)) {
      return flags.folder;
    }
    return flags.folder == null ? here : here.resolve(flags.folder);
  }

  /** Returns the registry that the image is pulled from; null if none is pulled. */
  static @Nullable String registry(RunFlags flags) {
    return flags.image == null ? null : ImageName.parse(flags.image).registry();
  }

  /**
   * What containers have of the machine.
   *
   * @param path where they have it
   */
  private record Mount(Path host, String path, boolean readOnly) {
    static Mount parse(String text, RunFlags flags, Path here) {
      boolean readOnly = text.endsWith(READ_ONLY);
      String places =
          readOnly || text.endsWith(WRITABLE)
              ? text.substring(0, text.length() - READ_ONLY.length())
              : text;
      int colon = places.indexOf(':');
      String host = colon < 0 ? places : places.substring(0, colon);
      if (host.isEmpty() || places.indexOf(':', colon + 1) > colon) {
        throw new IllegalArgumentException(
            "--mount: '%s' is not HOST[:PATH][:ro], as in data:/data:ro".formatted(text));
      }
      // on this machine, as elsewhere in a shell; on workers, only they know
      Path source = flags.workers.isEmpty() ? here.resolve(host).normalize() : Path.of(host);
      return new Mount(
          source, colon < 0 ? source.toString() : places.substring(colon + 1), readOnly);
    }
  }
}
