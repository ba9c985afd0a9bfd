package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.BundleStore;
import dev.grain.code.bundle.BundleStore.Fetcher;
import dev.grain.code.bundle.FilePlaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The code of programs on a worker that has nothing of them: each bundle is fetched once, kept on
 * disk, and has one loader while somebody uses it. Safe for all threads, and for several workers
 * with the same folder.
 */
public final class CodeStore {
  private final BundleStore<Codec> bundles;

  /**
   * Makes a store; the folder is made when it is needed. If nothing can be written there, that is
   * logged once, and code is in memory while it is in use.
   *
   * @param folder where code is kept; only its owner may enter it
   * @param boundBytes how many bytes of code may stay there that nobody uses; what was not used for
   *     the longest time goes first
   */
  public CodeStore(Path folder, long boundBytes) {
    this.bundles =
        new BundleStore<>(folder, boundBytes, CodeStore.class.getClassLoader(), Codec::new);
  }

  /**
   * Loads a bundle; what is not here is fetched. Blocks; threads that want the same wait for one of
   * them.
   *
   * @param bundle the id of the bundle, as {@link Codec.EncodedCall} has it
   * @param fetcher asks the head that named the bundle
   * @throws IOException if it cannot be fetched, or what came is not what was asked for; in a
   *     sentence
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public LoadedCode load(Bytes bundle, Fetcher fetcher) throws IOException, InterruptedException {
    return new LoadedCode(bundles.open(bundle, fetcher));
  }

  /**
   * Loads a bundle, as {@link #load(Bytes, Fetcher)}.
   *
   * @param expected receives the contents that will be fetched soon; does not block
   */
  public LoadedCode load(Bytes bundle, Fetcher fetcher, Consumer<Bytes> expected)
      throws IOException, InterruptedException {
    return load(
        bundle,
        new Fetcher() {
          @Override
          public Bytes fetch(Bytes hash) throws IOException, InterruptedException {
            return fetcher.fetch(hash);
          }

          @Override
          public void expect(Bytes hash) {
            expected.accept(hash);
          }
        });
  }

  /** Does what can be done before there is a bundle; blocks. */
  public void prepare() {
    bundles.prepare();
  }

  /** Returns about how many bytes of code are kept on the disk. */
  public long bytes() {
    return bundles.bytes();
  }

  /**
   * One use of a bundle that a worker has loaded. While several use the same bundle, they have the
   * same {@link Codec}, so that its classes and their static fields are one.
   */
  public static final class LoadedCode implements AutoCloseable {
    private final BundleStore.Use<Codec> use;

    LoadedCode(BundleStore.Use<Codec> use) {
      this.use = use;
    }

    /** Returns what encodes and decodes with the classes of the bundle. */
    public Codec code() {
      return use.made();
    }

    /**
     * Returns what another process on this machine needs to load the same bundle, by {@link
     * HandedOver#load}, for as long as this use has not ended.
     *
     * @param classPath what was made ready for a job: jars, whose names end with {@code .jar}, and
     *     folders
     * @param places where the other process has the files
     * @throws IOException if a part of it is in no file, in a sentence
     */
    public HandedOver handOver(List<Path> classPath, FilePlaces places) throws IOException {
      return HandedOver.ofBundle(use.handOver(places)).with(classPath, places);
    }

    /**
     * Returns the bundle together with what was made ready for a job. To be closed before this use.
     *
     * @param classPath jars, whose names end with {@code .jar}, and folders; searched after the
     *     bundle
     */
    public JoinedCode join(List<Path> classPath) {
      return new JoinedCode(use.loader(classPath));
    }

    /**
     * Ends the use. The last one closes the loader: classes that were not loaded before are not
     * found any more. Further calls do nothing.
     */
    @Override
    public void close() {
      use.close();
    }
  }
}
