package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The bundles of a worker: each is fetched once, kept on disk, and has one loader while somebody
 * uses it. Safe for all threads, and for several workers with the same folder.
 *
 * <p>What comes from the head, and what comes from the disk, is compared with its hash. A disk that
 * cannot be written is logged once; then bundles are in memory while they are in use.
 *
 * @param <C> what is made of each loader, once
 */
public final class BundleStore<C> {
  private static final System.Logger LOGGER = System.getLogger(BundleStore.class.getName());

  private final DiskCache disk;
  private final WorkerJars own;
  private final ClassLoader worker;
  private final Function<ClassLoader, C> maker;
  private final RefCounted<OpenBundle<C>> bundles = new RefCounted<>();
  private final RefCounted<OpenEntry> entries = new RefCounted<>();

  /**
   * Makes a store; the folder is made when it is needed.
   *
   * @param folder where contents are kept, for the owner's eyes only
   * @param bound how many bytes of them may stay there that nobody uses
   * @param worker finds the classes that a program has from its worker
   * @param maker makes something of each loader
   */
  public BundleStore(Path folder, long bound, ClassLoader worker, Function<ClassLoader, C> maker) {
    this.disk = new DiskCache(folder, bound);
    this.own = new WorkerJars(worker);
    this.worker = worker;
    this.maker = maker;
    disk.shrink();
  }

  private record OpenEntry(URL jar, Runnable end) implements RefCounted.Resource {
    @Override
    public void close() {
      end.run();
    }
  }

  private record OpenBundle<C>(C made, LocalBundle local, Runnable end)
      implements RefCounted.Resource {
    @Override
    public void close() {
      end.run();
    }
  }

  /**
   * One use of a bundle.
   *
   * @param <C> what is made of its loader
   */
  public static final class Use<C> implements AutoCloseable {
    private final C made;
    private final LocalBundle local;
    private final ClassLoader worker;
    private final Runnable end;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Use(C made, LocalBundle local, ClassLoader worker, Runnable end) {
      this.made = made;
      this.local = local;
      this.worker = worker;
      this.end = end;
    }

    /** Returns what was made of the loader; the same for all uses at the same time. */
    public C made() {
      return made;
    }

    /**
     * Returns a new loader of the bundle, and of code that is on this machine behind it. To be
     * ended before this use is.
     *
     * @param classPath the code on this machine; see {@link CodeLoader}
     */
    public CodeLoader loader(List<Path> classPath) {
      return local.loader(classPath, worker);
    }

    /**
     * Returns what another process on this machine needs to load the same bundle, for as long as
     * this use has not ended; see {@link #loaderOf}.
     *
     * @param places where that has the files
     * @throws IOException if a part of it is in no file, in a sentence
     */
    public Bytes handOver(FilePlaces places) throws IOException {
      return local.encode(places);
    }

    /** Ends the use; the last one closes the loader. Further calls do nothing. */
    @Override
    public void close() {
      if (!closed.getAndSet(true)) {
        end.run();
      }
    }
  }

  /**
   * Opens a bundle; what is not here is fetched. Blocks.
   *
   * @param bundle its id
   * @param fetcher asks the head
   * @throws IOException if it cannot be fetched, or what came is not what was asked for; in a
   *     sentence
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Use<C> open(Bytes bundle, Fetcher fetcher) throws IOException, InterruptedException {
    OpenBundle<C> open = bundles.open(bundle, () -> make(bundle, fetcher));
    return new Use<>(open.made, open.local, worker, () -> bundles.release(bundle));
  }

  /**
   * Reads the worker's own jars, if that has not been done: the first bundle would have to wait for
   * it. Problems with them are reported by those who open a bundle.
   */
  public void prepare() {
    try {
      own.hashAll();
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Cannot read the worker's own jars", e);
    }
  }

  /**
   * Returns the jars and folders that the classes of this process come from, in the order in which
   * they are searched; not those within jars.
   */
  public static List<Path> ownFiles() throws IOException {
    return ClassPath.of(ClassLoader.getSystemClassLoader()).entries().stream()
        .filter(each -> !each.isNested())
        .map(ClassPathEntry::file)
        .toList();
  }

  /** Returns about how many bytes of code are kept on the disk. */
  public long bytes() {
    return disk.bytes();
  }

  /**
   * Returns a loader of a bundle that another process on this machine has in use.
   *
   * @param handedOver what {@link Use#handOver} has returned there
   * @param classPath code on this machine behind it; see {@link CodeLoader}
   * @param worker finds the classes that a program has from its worker
   * @throws IOException if it is something else
   */
  public static CodeLoader loaderOf(Bytes handedOver, List<Path> classPath, ClassLoader worker)
      throws IOException {
    return LocalBundle.decode(handedOver).loader(classPath, worker);
  }

  private OpenBundle<C> make(Bytes bundle, Fetcher fetcher)
      throws IOException, InterruptedException {
    Listing listing = listing(bundle, fetcher);
    List<Bytes> used = new ArrayList<>();
    boolean complete = false;
    try {
      List<URL> jars = new ArrayList<>();
      List<Listing.Entry> present =
          listing.entries().stream().filter(each -> each.kind() != Listing.Kind.ABSENT).toList();
      Prefetch ahead = new Prefetch(present, this::isMissing, fetcher);
      for (int i = 0; i < present.size(); i++) {
        Listing.Entry each = present.get(i);
        ahead.onTurn(i);
        jars.add(entries.open(each.hash(), () -> open(each, fetcher)).jar);
        used.add(each.hash());
      }
      LocalBundle local = new LocalBundle(bundle, listing, jars);
      BundleLoader loader = local.loader(List.of(), worker);
      C made = maker.apply(loader);
      disk.shrink();
      complete = true;
      return new OpenBundle<>(made, local, () -> close(loader, used));
    } finally {
      if (!complete) {
        used.forEach(entries::release);
      }
    }
  }

  private void close(BundleLoader loader, List<Bytes> used) {
    loader.end();
    used.forEach(entries::release);
    disk.shrink();
  }

  private Listing listing(Bytes bundle, Fetcher fetcher) throws IOException, InterruptedException {
    String name = Sha256.hex(bundle) + ".listing";
    Path kept = disk.use(name, bundle);
    if (kept != null) {
      try (InputStream in = Files.newInputStream(kept)) {
        return Listing.decode(Bytes.of(in.readAllBytes()));
      } finally {
        disk.release(kept);
      }
    }
    Bytes fetched = fetch(bundle, "the listing of a bundle", fetcher);
    Path written = disk.keep(name, fetched);
    if (written != null) {
      disk.release(written);
    }
    return Listing.decode(fetched);
  }

  private OpenEntry open(Listing.Entry entry, Fetcher fetcher)
      throws IOException, InterruptedException {
    Path here = own.find(entry.size(), entry.hash());
    if (here != null) {
      return new OpenEntry(here.toUri().toURL(), () -> {});
    }
    String name = fileOf(entry);
    Path kept = disk.use(name, entry.hash());
    if (kept == null) {
      Bytes fetched = fetch(entry.hash(), entry.origin(), fetcher);
      kept = disk.keep(name, fetched);
      if (kept == null) {
        return new OpenEntry(MemoryJar.of(entry.hash(), fetched), () -> {});
      }
    }
    Path used = kept;
    return new OpenEntry(used.toUri().toURL(), () -> disk.release(used));
  }

  /** Returns whether an entry is not here, as far as that can be seen at a glance. */
  private boolean isMissing(Listing.Entry entry) {
    try {
      return own.find(entry.size(), entry.hash()) == null && !disk.has(fileOf(entry));
    } catch (IOException e) {
      return false; // whoever opens it says so
    }
  }

  private static String fileOf(Listing.Entry entry) {
    return Sha256.hex(entry.hash()) + ".jar";
  }

  private static Bytes fetch(Bytes hash, String what, Fetcher fetcher)
      throws IOException, InterruptedException {
    Bytes fetched = fetcher.fetch(hash);
    if (!Sha256.of(fetched).equals(hash)) {
      throw new IOException(
          "The head sent other bytes for the code %s (%s) than it had named"
              .formatted(Sha256.brief(hash), what));
    }
    return fetched;
  }

  /**
   * Asks the head for code. Called by any thread, never twice at a time for one content of a store.
   */
  @FunctionalInterface
  public interface Fetcher {
    /**
     * Returns the bytes with a hash; blocks until they have come. Whoever asked checks them.
     *
     * @param hash their SHA-256
     * @throws IOException if the head does not have them or cannot be asked, in a sentence
     * @throws InterruptedException if the thread is interrupted
     */
    Bytes fetch(Bytes hash) throws IOException, InterruptedException;

    /**
     * Tells that this content will be fetched soon, so that it may be on its way before; does not
     * block.
     *
     * @param hash its SHA-256
     */
    default void expect(Bytes hash) {}
  }
}
