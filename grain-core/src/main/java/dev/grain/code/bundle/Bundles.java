package dev.grain.code.bundle;

import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.FileContents.Source;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the classes of a program come from, as bundles that workers can ask for. Safe for all
 * threads.
 *
 * <p>Class path and module path form one bundle, which is found when it is first asked for. Classes
 * that come from no file, as in jshell, are in addition to it, in a bundle for each set of them.
 */
public final class Bundles {
  private static final System.Logger LOG = System.getLogger(Bundles.class.getName());

  /** What was reported to the user of this process, so that not each run repeats it. */
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  /** For how many sets of classes without files it is remembered what belongs to them. */
  private static final int REMEMBERED = 256;

  /**
   * How long classes without files are taken for unchanged; jshell gives some of them new bytes
   * when the user defines a method again.
   */
  private static final long FRESH_NANOS = 20_000_000;

  private final ClassLoader loader;
  private final Predicate<Path> skipped;
  private final ClassValue<Boolean> loose =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          Class<?> root = root(type);
          if (isJdk(root) || Proxy.isProxyClass(root)) {
            return false; // a proxy is made anew where it is decoded
          }
          URL address = LooseClasses.addressOf(root);
          String file = LooseClasses.fileOf(root.getName());
          return address == null || !program().has(address, file);
        }
      };
  // only grows, by any thread: what was named can be asked for as long as the run lives
  private final Map<Bytes, Content> contents = new ConcurrentHashMap<>();
  // what is in a listing, by its id; only grows, by any thread
  private final Map<Bytes, Bytes> contentHashes = new ConcurrentHashMap<>();
  // set once, guarded by this when it is
  private volatile @Nullable Program program;
  // guarded by itself
  private final Map<Set<Class<?>>, LooseBundle> looseBundles =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Set<Class<?>>, LooseBundle> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * What comes from files.
   *
   * @param classPath the jars and folders, also those that a worker has
   */
  private record Program(Bytes id, List<Listing.Entry> entries, Set<ClassPathEntry> classPath) {
    /** Returns whether a worker has a class by this bundle or by its JDK. */
    boolean has(URL address, String file) {
      if (address.getProtocol().equals("jrt")) {
        return ClassPath.isJdk(address.getPath().substring(1));
      }
      ClassPathEntry holder = ClassPathEntry.holding(address, file);
      return holder != null && classPath.contains(holder);
    }
  }

  /** A bundle with classes without files, and when it was found. */
  private record LooseBundle(Bytes id, JshellVariables variables, long nanos) {}

  /** Where the bytes of a hash are. */
  private sealed interface Content {}

  private record InMemory(Bytes bytes) implements Content {}

  /** Several workers that ask at the same time share the bytes. */
  private static final class InFile implements Content {
    private final Source source;
    // set by any thread
    private volatile WeakReference<@Nullable Bytes> bytes = new WeakReference<>(null);

    InFile(Source source) {
      this.source = source;
    }
  }

  /**
   * Prepares the bundles of a program; nothing is read yet.
   *
   * @param loader the loader that finds the program's classes
   * @param skipped which files are no part of it, though they are in a folder of the class path
   */
  public Bundles(ClassLoader loader, Predicate<Path> skipped) {
    this.loader = loader;
    this.skipped = skipped;
  }

  /**
   * Returns whether objects of the class need more than the files of the class path and the module
   * path.
   *
   * @throws EncodingException if the class path cannot be read
   */
  public boolean isLoose(Class<?> type) {
    return loose.get(type);
  }

  /** The class that has a name by which its bytes can be asked for. */
  private static Class<?> root(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return element.isHidden() ? element.getNestHost() : element;
  }

  private static boolean isJdk(Class<?> type) {
    ClassLoader of = type.getClassLoader();
    return of == null || of.equals(ClassLoader.getPlatformClassLoader());
  }

  /**
   * Returns the id of the bundle of all that comes from files.
   *
   * @throws EncodingException if the class path cannot be read; names the file
   */
  public Bytes bundle() {
    return program().id;
  }

  /**
   * Returns the id of the bundle that a call needs.
   *
   * @param function the class of the function
   * @param entry what the function calls, if it is a lambda; else null
   * @param values those classes of captures and arguments that are {@linkplain #isLoose loose}
   * @return the SHA-256 of the listing
   * @throws EncodingException if the class path cannot be read, or the bytes of a class that comes
   *     from no file cannot be had, or the code uses a variable of jshell; names the file, the
   *     class or the variable
   */
  public Bytes bundle(Class<?> function, @Nullable EntryPoint entry, Collection<Class<?>> values) {
    if (values.isEmpty() && !isLoose(function)) {
      return program().id;
    }
    Set<Class<?>> called = new LinkedHashSet<>();
    if (isLoose(function) && entry == null) {
      called.add(root(function));
    }
    values.forEach(each -> called.add(root(each)));
    Set<Class<?>> roots = new LinkedHashSet<>(called);
    if (isLoose(function)) {
      roots.add(root(function));
    }
    long now = System.nanoTime();
    synchronized (looseBundles) {
      LooseBundle known = looseBundles.get(roots);
      if (known == null || now - known.nanos > FRESH_NANOS) {
        known = looseBundle(roots, now);
        looseBundles.put(roots, known);
      }
      ensureNone(known.variables.usedBy(entry, called));
      return known.id;
    }
  }

  private static void ensureNone(Collection<String> variables) {
    if (!variables.isEmpty()) {
      throw new EncodingException(
          "The function cannot be encoded: it uses %s of jshell (%s), and variables of jshell stay"
                  .formatted(
                      variables.size() == 1 ? "a variable" : "variables",
                      String.join(", ", variables))
              + " behind; pass the value as an argument, or copy it to a local variable",
          null);
    }
  }

  /**
   * Returns the SHA-256 of all that is in a bundle, wherever the program has it from.
   *
   * @param id what {@link #bundle} returned
   */
  public Bytes contentHash(Bytes id) {
    return Objects.requireNonNull(contentHashes.get(id), "no such bundle");
  }

  private static Bytes contentHash(List<Listing.Entry> entries) {
    MessageDigest digest = Sha256.digest();
    for (Listing.Entry each : entries) {
      boolean absent = each.kind() == Listing.Kind.ABSENT;
      String what = each.kind() + (absent ? " " + each.name() : "") + "\n";
      digest.update(what.getBytes(StandardCharsets.UTF_8));
      each.hash().chunks().forEach(digest::update);
    }
    return Sha256.finish(digest);
  }

  /**
   * Returns the listing of a bundle, or what is in an entry of one. Reads files, so it takes its
   * time.
   *
   * @param hash the SHA-256 of what is asked for
   * @throws IOException if there is no such content, or it is no longer what it was; in a sentence
   */
  public Bytes content(Bytes hash) throws IOException {
    return switch (contents.get(hash)) {
      case null ->
          throw new IOException(
              "The program has no code with the hash "
                  + (hash.length() == Sha256.LENGTH ? Sha256.hex(hash) : hash));
      case InMemory known -> known.bytes;
      case InFile file -> read(file, hash);
    };
  }

  private static Bytes read(InFile file, Bytes hash) throws IOException {
    Bytes known = file.bytes.get();
    if (known != null) {
      return known;
    }
    Bytes read;
    try {
      read = FileContents.read(file.source, hash);
    } catch (IOException e) {
      throw new IOException(sentence(file.source.entry(), e), e);
    }
    if (read == null) {
      throw new IOException(
          "The class path entry "
              + file.source.entry()
              + " has changed since the program started, so a worker that does not have it "
              + "yet cannot get it; restart the program");
    }
    file.bytes = new WeakReference<>(read);
    return read;
  }

  private static String sentence(ClassPathEntry entry, IOException e) {
    String message = e.getMessage();
    return "The class path entry %s cannot be read: %s"
        .formatted(
            entry,
            message == null || message.equals(entry.file().toString())
                ? e.getClass().getSimpleName()
                : message);
  }

  /**
   * Reads the class path and the module path, if that has not been done: the first call would have
   * to wait for it. Problems with them are reported by the calls.
   */
  public void prepare() {
    try {
      program();
    } catch (EncodingException e) {
      // the first call finds the same
    }
  }

  private Program program() {
    Program known = program;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      known = program;
      if (known == null) {
        known = find();
        program = known;
      }
      return known;
    }
  }

  private Program find() {
    ClassPath path;
    try {
      path = ClassPath.of(loader);
    } catch (IOException e) {
      throw new EncodingException(
          "The class path of the program cannot be read, so it cannot be sent to workers: " + e, e);
    }
    warn(path.unknown());
    List<Listing.Entry> entries = new ArrayList<>();
    for (ClassPathEntry each : path.entries()) {
      try {
        if (!GrainCore.isIn(each)) {
          entries.add(entry(new Source(each, path.jarsWithin(each.file()), skipped)));
        }
      } catch (IOException e) {
        throw new EncodingException(sentence(each, e), e);
      }
    }
    if (!path.services().isEmpty()) {
      SortedMap<String, byte[]> files = new TreeMap<>();
      path.services()
          .forEach((service, providers) ->
              files.put(
                  "META-INF/services/" + service,
                  (String.join("\n", providers) + "\n").getBytes(StandardCharsets.UTF_8)));
      entries.add(entry(Listing.Kind.SERVICES, "module services", files, "module path"));
    }
    return new Program(add(entries), List.copyOf(entries), Set.copyOf(path.entries()));
  }

  private static void warn(Collection<String> unknown) {
    for (String each : unknown) {
      if (WARNED.add(each)) {
        LOG.log(
            System.Logger.Level.WARNING,
            ("Jobs on other workers do not find the resources of %s: only jars and folders on the"
                    + " disk, and those within such a jar, are sent. Put the resources into a jar"
                    + " or folder of the class path.")
                .formatted(each));
      }
    }
  }

  private Listing.Entry entry(Source source) throws IOException {
    FileContents.Hashed hashed = FileContents.hash(source);
    contents.putIfAbsent(hashed.hash(), new InFile(source));
    return new Listing.Entry(
        source.isPacked() ? Listing.Kind.FOLDER : Listing.Kind.JAR,
        source.entry().name(),
        hashed.size(),
        hashed.hash(),
        source.entry().toString());
  }

  private Listing.Entry entry(
      Listing.Kind kind, String name, SortedMap<String, byte[]> files, String origin) {
    try {
      Bytes bytes = Pack.of(files).toBytes();
      Bytes hash = Sha256.of(bytes);
      contents.putIfAbsent(hash, new InMemory(bytes));
      return new Listing.Entry(kind, name, bytes.length(), hash, origin);
    } catch (IOException e) {
      throw new AssertionError("Nothing but memory is read", e);
    }
  }

  /** Makes a listing known and returns its hash. */
  private Bytes add(List<Listing.Entry> entries) {
    try {
      Bytes listing = new Listing(entries).encode();
      Bytes id = Sha256.of(listing);
      contents.putIfAbsent(id, new InMemory(listing));
      contentHashes.put(id, contentHash(entries));
      return id;
    } catch (IOException e) {
      throw new AssertionError("Nothing but memory is read", e);
    }
  }

  private LooseBundle looseBundle(Set<Class<?>> roots, long now) {
    LooseClasses found = new LooseClasses(program()::has);
    for (Class<?> each : roots) {
      try {
        found.add(each);
      } catch (IOException e) {
        throw new EncodingException(
            "The code of " + each.getName() + " cannot be sent: " + e.getMessage(), e);
      }
      if (found.absent().containsKey(each.getName())) {
        throw new EncodingException(
            "The class %s cannot be sent: it was %s, and its loader does not give its bytes"
                .formatted(each.getName(), found.absent().get(each.getName())),
            null);
      }
    }
    List<Listing.Entry> entries = new ArrayList<>(program().entries);
    String origin = loader.getClass().getName();
    entries.add(entry(Listing.Kind.CLASSES, "classes without files", found.files(), origin));
    found
        .absent()
        .forEach((name, from) ->
            entries.add(new Listing.Entry(Listing.Kind.ABSENT, name, 0, Bytes.empty(), from)));
    return new LooseBundle(add(entries), new JshellVariables(found.files()), now);
  }
}
