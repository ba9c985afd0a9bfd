package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes and resources of one bundle: those of the JDK in the JDK, those of Grain and of
 * SLF4J where the worker has them, all others in the bundle before anywhere else. So a program may
 * have a library that the worker has in another version.
 *
 * <p>Resources are the JDK's and the bundle's only.
 */
final class BundleLoader extends URLClassLoader {
  private static final int NAMED = 3;

  private static final URLStreamHandler UNCACHED = new Uncached();

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
   * @param worker finds what the worker has
   */
  BundleLoader(Bytes id, Listing listing, List<URL> jars, ClassLoader worker) {
    super(jars.toArray(URL[]::new), worker);
    this.id = id;
    this.listing = listing;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> type = findLoadedClass(name);
      if (type == null) {
        type = find(name);
      }
      if (resolve) {
        resolveClass(type);
      }
      return type;
    }
  }

  private Class<?> find(String name) throws ClassNotFoundException {
    String inPackage = SharedPackages.packageOf(name);
    if (SharedPackages.isJdk(inPackage)) {
      return getPlatformClassLoader().loadClass(name);
    }
    boolean workersFirst = SharedPackages.isWorkers(inPackage);
    try {
      return workersFirst ? getParent().loadClass(name) : findClass(name);
    } catch (ClassNotFoundException e) {
      try {
        return workersFirst ? findClass(name) : getParent().loadClass(name);
      } catch (ClassNotFoundException again) {
        throw missing(name);
      }
    }
  }

  private MissingClassException missing(String name) {
    String known = "The class " + name + " is not in the bundle " + Sha256.brief(id);
    for (Listing.Entry each : listing.entries()) {
      if (each.kind() == Listing.Kind.ABSENT && each.name().equals(name)) {
        return new MissingClassException(
            known
                + ": on the head it was "
                + each.origin()
                + ", and its loader does not give its bytes; put it into a file of the class path");
      }
    }
    List<String> origins =
        listing.entries().stream()
            .filter(each -> each.kind() != Listing.Kind.ABSENT)
            .map(Listing.Entry::origin)
            .toList();
    String shown = origins.stream().limit(NAMED).collect(Collectors.joining(", "));
    String more = origins.size() > NAMED ? " and " + (origins.size() - NAMED) + " more" : "";
    return new MissingClassException(
        known
            + ", which has all of the program's class path on the head ("
            + (origins.isEmpty() ? "nothing" : shown + more)
            + "): it is not there either; add it to the program's class path");
  }

  // ---- resources

  @Override
  public @Nullable URL getResource(String name) {
    URL known = getPlatformClassLoader().getResource(name);
    return known != null ? known : findResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    List<URL> found =
        new ArrayList<>(Collections.list(getPlatformClassLoader().getResources(name)));
    found.addAll(Collections.list(findResources(name)));
    return Collections.enumeration(found);
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    URL found = getResource(name);
    try {
      return found == null ? null : found.openStream();
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public @Nullable URL findResource(String name) {
    URL found = super.findResource(name);
    return found == null ? null : uncached(found);
  }

  @Override
  public Enumeration<URL> findResources(String name) throws IOException {
    List<URL> found = new ArrayList<>();
    for (URL each : Collections.list(super.findResources(name))) {
      found.add(uncached(each));
    }
    return Collections.enumeration(found);
  }

  private static URL uncached(URL url) {
    try {
      return url.getProtocol().equals("jar") ? URL.of(URI.create(url.toString()), UNCACHED) : url;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Opens what is in a jar without the cache of the JVM, which would keep the jar open after the
   * loader is closed.
   */
  private static final class Uncached extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      URLConnection connection = URI.create(url.toString()).toURL().openConnection();
      ((JarURLConnection) connection).setUseCaches(false);
      return connection;
    }
  }

  @Override
  public String toString() {
    return "bundle " + Sha256.brief(id);
  }
}
