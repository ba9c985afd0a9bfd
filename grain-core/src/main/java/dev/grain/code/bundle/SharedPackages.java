package dev.grain.code.bundle;

import java.util.Set;
import java.util.stream.Collectors;

/** The packages whose classes a program has from its worker. */
final class SharedPackages {
  /** Exactly those of this module; a name that merely starts like one of them is the user's. */
  static final Set<String> GRAIN =
      Set.of(
          "dev.grain",
          "dev.grain.bytes",
          "dev.grain.code",
          "dev.grain.code.bundle",
          "dev.grain.concurrent",
          "dev.grain.dispatch",
          "dev.grain.explain",
          "dev.grain.folder",
          "dev.grain.function",
          "dev.grain.head",
          "dev.grain.image",
          "dev.grain.jfr",
          "dev.grain.journal",
          "dev.grain.key",
          "dev.grain.loop",
          "dev.grain.message",
          "dev.grain.node",
          "dev.grain.node.call",
          "dev.grain.node.confine",
          "dev.grain.node.isolated",
          "dev.grain.node.link",
          "dev.grain.node.prepare",
          "dev.grain.node.process",
          "dev.grain.node.support",
          "dev.grain.posix",
          "dev.grain.resource",
          "dev.grain.resource.internal",
          "dev.grain.schedule",
          "dev.grain.scope",
          "dev.grain.session",
          "dev.grain.spec",
          "dev.grain.terminal",
          "dev.grain.text",
          "dev.grain.wire");

  private static final String LOGGING = "org.slf4j";

  private static final Set<String> JDK =
      ModuleLayer.boot().modules().stream()
          .filter(module ->
              module.getClassLoader() == null
                  || module.getClassLoader() == ClassLoader.getPlatformClassLoader())
          .flatMap(module -> module.getPackages().stream())
          .collect(Collectors.toUnmodifiableSet());

  private SharedPackages() {}

  /** Returns whether classes of the package come from the JDK's boot and platform loaders. */
  static boolean isJdk(String name) {
    return JDK.contains(name);
  }

  /** Returns whether classes of the package are the worker's, where it has them. */
  static boolean isWorkers(String name) {
    return GRAIN.contains(name) || name.equals(LOGGING) || name.startsWith(LOGGING + ".");
  }

  /** Returns the package of a class, given its name. */
  static String packageOf(String className) {
    int end = className.lastIndexOf('.');
    return end < 0 ? "" : className.substring(0, end);
  }
}
