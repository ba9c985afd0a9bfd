package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bundle consists of, in the order in which classes are looked for. The SHA-256 of its
 * encoded form is the id of the bundle.
 *
 * @param entries the parts
 */
record Listing(List<Entry> entries) {
  private static final String FORMAT = "grain bundle 1";
  private static final int MAX_ENTRIES = 100_000;

  /** What a part is; its name is in the encoded form. */
  enum Kind {
    /** A jar of the class path or the module path, as it is. */
    JAR,
    /** A folder, or a jar without the jars in it, packed into a jar. */
    FOLDER,
    /** Classes that come from no file, packed into a jar. */
    CLASSES,
    /** What modules declare of their services, as a jar declares it. */
    SERVICES,
    /** A class that the head has, but not its bytes. */
    ABSENT
  }

  /**
   * One part.
   *
   * @param kind what it is
   * @param name the name of the file, or of the class
   * @param size how many bytes it has
   * @param hash the SHA-256 of its bytes; empty if it is absent
   * @param origin where the head had it
   */
  record Entry(Kind kind, String name, long size, Bytes hash, String origin) {}

  Listing {
    entries = List.copyOf(entries);
  }

  Bytes encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeUTF(FORMAT);
      out.writeInt(entries.size());
      for (Entry each : entries) {
        out.writeUTF(each.kind.name());
        out.writeUTF(each.name);
        out.writeLong(each.size);
        out.writeByte((int) each.hash.length());
        each.hash.stream().transferTo(out);
        out.writeUTF(each.origin);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  static Listing decode(Bytes bytes) throws IOException {
    try (var in = new DataInputStream(bytes.stream())) {
      String format = in.readUTF();
      if (!format.equals(FORMAT)) {
        throw new IOException(
            "A listing of code has the format '%s', and '%s' is known here"
                .formatted(format, FORMAT));
      }
      int count = in.readInt();
      if (count < 0 || count > MAX_ENTRIES) {
        throw new IOException("A code listing announces " + count + " entries");
      }
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        entries.add(decodeEntry(in));
      }
      return new Listing(entries);
    } catch (EOFException | UTFDataFormatException e) {
      throw new IOException("A listing of code is damaged", e);
    }
  }

  private static Entry decodeEntry(DataInputStream in) throws IOException {
    Kind kind = kindOf(in.readUTF());
    String name = in.readUTF();
    long size = in.readLong();
    int length = in.readUnsignedByte();
    if (length != (kind == Kind.ABSENT ? 0 : Sha256.LENGTH)) {
      throw new IOException("A listing of code has a hash of " + length + " bytes for " + name);
    }
    return new Entry(kind, name, size, Bytes.of(in.readNBytes(length)), in.readUTF());
  }

  private static Kind kindOf(String name) throws IOException {
    try {
      return Kind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException("A listing of code has an entry of the unknown kind " + name, e);
    }
  }
}
