package dev.grain.code.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes and resources of jobs in jars and folders: those of the JDK in the JDK, those
 * of Grain and of SLF4J where the worker has them, all others in the jars and folders before
 * anywhere else. So jobs may have a library that the worker has in another version.
 *
 * <p>Resources are the JDK's and those of the jars and folders only.
 */
public sealed class CodeLoader extends URLClassLoader permits BundleLoader, ProgramLoader {
  private static final System.Logger LOGGER = System.getLogger(CodeLoader.class.getName());

  private static final int NAMED = 3;

  private static final URLStreamHandler UNCACHED = new Uncached();

  static {
    registerAsParallelCapable();
  }

  private final List<Path> classPath;

  /**
   * Makes a loader for code that is on this machine.
   *
   * @param classPath jars, whose names end with {@code .jar}, and folders; absolute
   * @param worker finds what the worker has
   */
  public CodeLoader(List<Path> classPath, ClassLoader worker) {
    this(List.of(), classPath, worker);
  }

  /**
   * Makes a loader.
   *
   * @param jars are searched before the class path
   */
  CodeLoader(List<URL> jars, List<Path> classPath, ClassLoader worker) {
    super(urls(jars, classPath), worker);
    this.classPath = List.copyOf(classPath);
  }

  private static URL[] urls(List<URL> jars, List<Path> classPath) {
    List<URL> urls = new ArrayList<>(jars);
    classPath.forEach(each -> urls.add(url(each)));
    return urls.toArray(URL[]::new);
  }

  /** Returns the address of a jar or folder, without a look at the disk. */
  private static URL url(Path entry) {
    String path = entry.toString();
    try {
      return new URI("file", null, path.endsWith(".jar") ? path : path + "/", null).toURL();
    } catch (URISyntaxException | MalformedURLException e) {
      throw new IllegalArgumentException(entry + " is not an absolute path", e);
    }
  }

  /** Returns the jars and folders that are searched last. */
  public final List<Path> classPath() {
    return classPath;
  }

  /** Returns the first of these jars and folders, for people. */
  public final String shown() {
    return shown(classPath);
  }

  // ---- classes

  @Override
  protected final Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
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
        throw new MissingClassException(missing(name));
      }
    }
  }

  /** Returns the sentence about a class that is nowhere. */
  String missing(String name) {
    return "The class %s is not in the code of the job (%s)"
        .formatted(name, classPath.isEmpty() ? "there is none" : shown(classPath));
  }

  /** Returns the first of several things, and how many more there are. */
  static String shown(List<?> things) {
    String shown =
        things.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return things.size() > NAMED ? shown + " and " + (things.size() - NAMED) + " more" : shown;
  }

  // ---- resources

  @Override
  public final @Nullable URL getResource(String name) {
    URL known = getPlatformClassLoader().getResource(name);
    return known != null ? known : findResource(name);
  }

  @Override
  public final Enumeration<URL> getResources(String name) throws IOException {
    List<URL> found =
        new ArrayList<>(Collections.list(getPlatformClassLoader().getResources(name)));
    found.addAll(Collections.list(findResources(name)));
    return Collections.enumeration(found);
  }

  @Override
  public final @Nullable InputStream getResourceAsStream(String name) {
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

  // ---- the end

  /**
   * Closes it, as none of the jobs with this code runs or comes any more; classes that were not
   * loaded before are not found from here on. Threads that the code has left are logged.
   */
  public final void end() {
    List<String> left = LeftThreads.of(this);
    if (!left.isEmpty()) {
      LOGGER.log(System.Logger.Level.WARNING, LeftThreads.sentence(left));
    }
    try {
      close();
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.WARNING, "The jars of " + this + " cannot be closed", e);
    }
  }

  @Override
  public String toString() {
    return "code in " + shown(classPath);
  }
}
