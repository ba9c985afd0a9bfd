package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A bundle all of whose parts are on this machine. Immutable.
 *
 * @param id its id
 * @param listing what it consists of
 * @param jars where the entries of the listing are that are jars, in its order
 */
record LocalBundle(Bytes id, Listing listing, List<URL> jars) {
  private static final String FILE = "file";

  LocalBundle {
    jars = List.copyOf(jars);
  }

  /**
   * Returns a new loader of its classes.
   *
   * @param classPath what is on this machine behind it; see {@link CodeLoader}
   * @param worker finds the classes that a program has from its worker
   */
  BundleLoader loader(List<Path> classPath, ClassLoader worker) {
    return new BundleLoader(id, listing, jars, classPath, worker);
  }

  /**
   * Returns what another process on this machine needs of it.
   *
   * @param places where that has the files
   * @throws IOException if a part of it is in no file, in a sentence
   */
  Bytes encode(FilePlaces places) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(id, out);
      write(listing.encode(), out);
      out.writeInt(jars.size());
      for (URL jar : jars) {
        if (!jar.getProtocol().equals(FILE)) {
          throw new IOException(
              "its JVM needs the code of the program in files, but the folder for them cannot be"
                  + " written; see --cache-dir");
        }
        write(Bytes.utf8(places.of(Path.of(URI.create(jar.toString()))).toUri().toString()), out);
      }
    }
    return Bytes.of(bytes.toByteArray());
  }

  /**
   * Reads what {@link BundleStore.Use#handOver} has returned in another process.
   *
   * @throws IOException if it is something else
   */
  static LocalBundle decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      Bytes id = read(in);
      Listing listing = Listing.decode(read(in));
      List<URL> jars = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        jars.add(URI.create(read(in).utf8()).toURL());
      }
      return new LocalBundle(id, listing, jars);
    }
  }

  private static void write(Bytes bytes, DataOutputStream out) throws IOException {
    out.writeInt(Math.toIntExact(bytes.length()));
    bytes.stream().transferTo(out);
  }

  private static Bytes read(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return Bytes.of(bytes);
  }
}
