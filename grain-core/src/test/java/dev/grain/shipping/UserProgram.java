package dev.grain.shipping;

import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.CodeStore.LoadedCode;
import dev.grain.code.Codec;
import dev.grain.code.bundle.BundleStore.Fetcher;
import dev.grain.code.bundle.Bundles;
import java.io.IOException;
import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A program in this process whose classes only its own loader knows: {@code acme.Functions}, with a
 * static method for each function. Counts what is fetched of it.
 */
public final class UserProgram implements AutoCloseable, Fetcher {
  private static final long LIMIT = 1 << 20;

  private final URLClassLoader loader;
  private final Bundles bundles;
  private final Codec code;
  // what was asked for, in this order
  private final ConcurrentLinkedQueue<Bytes> asked = new ConcurrentLinkedQueue<>();

  /** Has the classes in these places. */
  public UserProgram(Path... places) throws IOException {
    this(urls(places));
  }

  private static URL[] urls(Path... places) throws IOException {
    URL[] urls = new URL[places.length];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = places[i].toUri().toURL();
    }
    return urls;
  }

  /** Has the classes that a loader with these URLs finds. */
  public UserProgram(URL[] urls) {
    this.loader = new URLClassLoader(urls, UserProgram.class.getClassLoader());
    this.bundles = new Bundles(loader, _ -> false);
    this.code = new Codec(loader, bundles);
  }

  /** Compiles the members of {@code acme.Functions} and has nothing else. */
  public static UserProgram of(Path folder, String members) throws Exception {
    return new UserProgram(compile(folder, members));
  }

  /** Compiles the members of {@code acme.Functions}. */
  public static Path compile(Path folder, String members) throws Exception {
    return Building.compile(
        folder,
        "acme.Functions",
        "package acme; import dev.grain.function.*; public final class Functions { %s }"
            .formatted(members));
  }

  /** Returns the loader of the program. */
  public ClassLoader loader() {
    return loader;
  }

  /** Returns the bundles of the program. */
  public Bundles bundles() {
    return bundles;
  }

  /** Returns the program's own encoding. */
  public Codec code() {
    return code;
  }

  /** Encodes a call of the function that a method gives. */
  public Codec.EncodedCall encode(String method, Object... arguments) throws Exception {
    Object function = loader.loadClass("acme.Functions").getMethod(method).invoke(null);
    return code.encode((Serializable) function, arguments, LIMIT);
  }

  /** Calls the function with the code of a store. */
  public Object call(CodeStore store, String method, Object... arguments) throws Exception {
    Codec.EncodedCall call = encode(method, arguments);
    try (LoadedCode loaded = store.load(call.bundle(), this)) {
      return code.decodeValue(
          loaded
              .code()
              .encodeValue(loaded.code().decode(call.function(), call.arguments()).run(), LIMIT));
    }
  }

  @Override
  public Bytes fetch(Bytes hash) throws IOException {
    asked.add(hash);
    return bundles.content(hash);
  }

  /** Returns what was asked for since the last call. */
  public List<Bytes> asked() {
    List<Bytes> all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
