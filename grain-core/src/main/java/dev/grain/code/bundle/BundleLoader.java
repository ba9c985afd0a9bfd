package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;

/** Finds the classes and resources of one bundle, and of code that is on this machine behind it. */
final class BundleLoader extends CodeLoader {
  static {
    registerAsParallelCapable();
  }

  private final Bytes id;
  private final Listing listing;

  /**
   * Makes a loader.
   *
   * @param id the id of the bundle
   * @param listing what it consists of
   * @param jars where the entries of the listing are that are jars, in its order
   * @param classPath what is on this machine
   * @param worker finds what the worker has
   */
  BundleLoader(
      Bytes id, Listing listing, List<URL> jars, List<Path> classPath, ClassLoader worker) {
    super(jars, classPath, worker);
    this.id = id;
    this.listing = listing;
  }

  @Override
  String missing(String name) {
    String known = "The class " + name + " is not in the bundle " + Sha256.brief(id);
    for (Listing.Entry each : listing.entries()) {
      if (each.kind() == Listing.Kind.ABSENT && each.name().equals(name)) {
        return known
            + ": on the head it was "
            + each.origin()
            + ", and its loader does not give its bytes; put it into a file of the class path";
      }
    }
    List<String> origins =
        listing.entries().stream()
            .filter(each -> each.kind() != Listing.Kind.ABSENT)
            .map(Listing.Entry::origin)
            .toList();
    return known
        + ", which has all of the program's class path on the head ("
        + (origins.isEmpty() ? "nothing" : shown(origins))
        + "): it is not there either"
        + (classPath().isEmpty() ? "" : ", nor in the code of the job (" + shown(classPath()) + ")")
        + "; add it to the program's class path";
  }

  @Override
  public String toString() {
    return "bundle " + Sha256.brief(id);
  }
}
