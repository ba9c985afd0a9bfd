package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A jar in memory, for a worker whose disk takes nothing. Immutable. */
final class MemoryJar extends URLStreamHandler {
  private static final String VERSIONS = "META-INF/versions/";

  private final Map<String, byte[]> files;
  private final String root;

  private MemoryJar(Map<String, byte[]> files, String root) {
    this.files = files;
    this.root = root;
  }

  /** Returns the address of the files in a jar, to be looked up as in a folder. */
  static URL of(Bytes hash, Bytes content) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (ZipInputStream in = new ZipInputStream(content.stream())) {
      for (ZipEntry next = in.getNextEntry(); next != null; next = in.getNextEntry()) {
        files.put(next.getName(), in.readAllBytes());
      }
    }
    if (isMultiRelease(files)) {
      choose(files);
    }
    String root = "/" + Sha256.hex(hash) + "/";
    return URL.of(URI.create("bundle:" + root), new MemoryJar(files, root));
  }

  private static boolean isMultiRelease(Map<String, byte[]> files) throws IOException {
    byte[] manifest = files.get(JarFile.MANIFEST_NAME);
    return manifest != null
        && Boolean.parseBoolean(
            new Manifest(new ByteArrayInputStream(manifest))
                .getMainAttributes()
                .getValue(Attributes.Name.MULTI_RELEASE));
  }

  /** Puts the files for this release of Java where those for all releases are. */
  private static void choose(Map<String, byte[]> files) {
    Map<Integer, Map<String, byte[]>> versions = new TreeMap<>();
    files.forEach((name, bytes) -> {
      int end = name.indexOf('/', VERSIONS.length());
      if (name.startsWith(VERSIONS) && end > 0) {
        String version = name.substring(VERSIONS.length(), end);
        if (version.matches("[1-9]\\d{0,3}")) {
          versions
              .computeIfAbsent(Integer.valueOf(version), _ -> new HashMap<>())
              .put(name.substring(end + 1), bytes);
        }
      }
    });
    versions.forEach((version, chosen) -> {
      if (version <= Runtime.version().feature()) {
        files.putAll(chosen);
      }
    });
  }

  @Override
  protected URLConnection openConnection(URL url) throws IOException {
    String name = ClassPathEntry.decode(url.getPath());
    byte[] bytes = name.startsWith(root) ? files.get(name.substring(root.length())) : null;
    if (bytes == null) {
      throw new FileNotFoundException(url.toString());
    }
    return new EntryConnection(url, bytes);
  }

  /** One reading of a file. */
  private static final class EntryConnection extends URLConnection {
    private final byte[] bytes;

    EntryConnection(URL url, byte[] bytes) {
      super(url);
      this.bytes = bytes;
    }

    @Override
    public void connect() {
      connected = true;
    }

    @Override
    public long getContentLengthLong() {
      return bytes.length;
    }

    @Override
    public int getContentLength() {
      return bytes.length;
    }

    @Override
    public InputStream getInputStream() {
      return new ByteArrayInputStream(bytes);
    }
  }
}
