package dev.grain.code.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes and resources of the program in whose process jobs run, and of code that is on
 * this machine behind them. It defines the classes of the program anew, so that these find the code
 * behind them, as they do on a worker.
 *
 * <p>A class of the JDK, or one whose loader does not give its bytes, is that of the program
 * itself.
 */
public final class ProgramLoader extends CodeLoader {
  static {
    registerAsParallelCapable();
  }

  private final Classes program;

  /** The classes of a program. */
  @FunctionalInterface
  public interface Classes {
    /**
     * Finds a class and does not initialize it.
     *
     * @throws ClassNotFoundException if there is none
     */
    Class<?> find(String name) throws ClassNotFoundException;
  }

  /**
   * Makes a loader.
   *
   * @param program has the classes of the program
   * @param resources finds the resources of the program, and Grain
   * @param classPath what is on this machine; see {@link CodeLoader}
   */
  public ProgramLoader(Classes program, ClassLoader resources, List<Path> classPath) {
    super(classPath, resources);
    this.program = program;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    Class<?> original;
    try {
      original = program.find(name);
    } catch (ClassNotFoundException e) {
      return super.findClass(name);
    }
    byte[] bytes = ClassPath.isJdk(original.getModule()) ? null : bytes(original);
    return bytes == null
        ? original
        : defineClass(name, bytes, 0, bytes.length, original.getProtectionDomain());
  }

  private static byte @Nullable [] bytes(Class<?> type) throws ClassNotFoundException {
    ClassLoader loader = type.getClassLoader();
    String file = type.getName().replace('.', '/') + ".class";
    try (InputStream in = loader == null ? null : loader.getResourceAsStream(file)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException("The class %s cannot be read".formatted(type.getName()), e);
    }
  }

  @Override
  public @Nullable URL findResource(String name) {
    URL found = getParent().getResource(name);
    return found != null ? found : super.findResource(name);
  }

  @Override
  public Enumeration<URL> findResources(String name) throws IOException {
    Map<String, URL> found = new LinkedHashMap<>();
    Collections.list(getParent().getResources(name)).forEach(each -> add(each, found));
    Collections.list(super.findResources(name)).forEach(each -> add(each, found));
    Collections.list(getPlatformClassLoader().getResources(name))
        .forEach(each -> found.remove(each.toExternalForm()));
    return Collections.enumeration(found.values());
  }

  private static void add(URL resource, Map<String, URL> found) {
    found.putIfAbsent(resource.toExternalForm(), resource);
  }

  @Override
  String missing(String name) {
    return "The class %s is not in the program, nor in the code of the job (%s)"
        .formatted(name, shown(classPath()));
  }

  @Override
  public String toString() {
    return "program with " + super.toString();
  }
}
