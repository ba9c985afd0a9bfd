package dev.grain.code.bundle;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** The names of the classes that a loader could find, for messages. */
public final class ClassNames {
  private static final String SUFFIX = ".class";

  /** Not in front of a class, but in front of a copy of it. */
  private static final String OTHER_VERSIONS = "META-INF/";

  private ClassNames() {}

  /**
   * Returns the names of the classes in the jars and folders of a loader, those that are found
   * first in front; blocks. What cannot be read is left out.
   */
  public static SequencedSet<String> of(ClassLoader loader) {
    SequencedSet<ClassPathEntry> places = places(loader);
    SequencedSet<String> names = new LinkedHashSet<>();
    for (ClassPathEntry place : places) {
      try {
        place.names().stream()
            .filter(name -> name.endsWith(SUFFIX) && !name.contains("-"))
            .filter(name -> !name.startsWith(OTHER_VERSIONS) && !isInAnother(place, name, places))
            .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'))
            .sorted()
            .forEach(names::add);
      } catch (IOException e) {
        // there is no class that it could have
      }
    }
    return names;
  }

  /** Returns whether a folder has a file because another folder is in it. */
  private static boolean isInAnother(
      ClassPathEntry place, String name, SequencedSet<ClassPathEntry> places) {
    Path file = place.file().resolve(name);
    return places.stream()
        .anyMatch(each ->
            !each.equals(place)
                && each.file().startsWith(place.file())
                && file.startsWith(each.file()));
  }

  private static SequencedSet<ClassPathEntry> places(ClassLoader loader) {
    SequencedSet<ClassPathEntry> places = new LinkedHashSet<>();
    if (loader instanceof ProgramLoader program) {
      places.addAll(places(program.getParent()));
    }
    if (!(loader instanceof CodeLoader code)) {
      places.addAll(classPath(loader));
      return places;
    }
    for (URL each : code.getURLs()) {
      try {
        if (each.getProtocol().equals("file")) {
          places.add(ClassPathEntry.of(Path.of(each.toURI())));
        }
      } catch (URISyntaxException e) {
        throw new AssertionError("It was made of a path", e);
      }
    }
    return places;
  }

  private static SequencedSet<ClassPathEntry> classPath(ClassLoader loader) {
    try {
      return ClassPath.of(loader).entries();
    } catch (IOException e) {
      return new LinkedHashSet<>();
    }
  }
}
