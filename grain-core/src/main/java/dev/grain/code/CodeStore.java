package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.BundleStore;
import dev.grain.code.bundle.BundleStore.Fetcher;
import dev.grain.code.bundle.FilePlaces;
import java.io.IOException;
import java.nio.file.Path;
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

  /**
   * Returns what encodes and decodes with the classes of a bundle that another process on this
   * machine has in use.
   *
   * @param handedOver what {@link LoadedCode#handOver} has returned there
   * @throws IOException if it is something else
   */
  public static Codec codecOf(Bytes handedOver) throws IOException {
    return new Codec(BundleStore.loaderOf(handedOver, CodeStore.class.getClassLoader()));
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
     * CodeStore#codecOf}, for as long as this use has not ended.
     *
     * @param places where that has the files
     * @throws IOException if a part of it is in no file, in a sentence
     */
    public Bytes handOver(FilePlaces places) throws IOException {
      return use.handOver(places);
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
