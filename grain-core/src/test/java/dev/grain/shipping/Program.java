package dev.grain.shipping;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program's side: starts a worker process that has nothing of the program, and calls functions
 * there. Where the worker's class path and cache are is in the environment.
 */
public final class Program implements AutoCloseable {
  /** The environment variable with the class path of the worker. */
  public static final String WORKER_PATH = "SHIPPING_WORKER_PATH";

  /** The environment variable with the cache of the worker. */
  public static final String CACHE = "SHIPPING_CACHE";

  /** The environment variable with the longest file that the worker may write, in 512 bytes. */
  public static final String FILE_LIMIT = "SHIPPING_FILE_LIMIT";

  static final int NEED = 1;
  static final int VALUE = 2;
  static final int FAILURE = 3;
  static final int NOT_LOADED = 4;

  private static final long LIMIT = 1 << 20;
  private static final long BOUND = 1 << 30;

  private final Bundles bundles;
  private final Codec code;
  private final Process worker;
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int fetched;

  /** Starts the worker. */
  public Program() throws IOException {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    this.bundles = new Bundles(loader, _ -> false);
    this.code = new Codec(loader, bundles);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout((int) TimeUnit.MINUTES.toMillis(1));
      String limit = System.getenv().getOrDefault(FILE_LIMIT, "unlimited");
      ProcessBuilder builder =
          new ProcessBuilder(
              "sh",
              "-c",
              "ulimit -f " + limit + "; exec \"$0\" \"$@\"",
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:TieredStopAtLevel=1",
              "-Xmx64m",
              "-XX:-UsePerfData",
              "-cp",
              System.getenv(WORKER_PATH),
              "dev.grain.shipping.WorkerProcess",
              String.valueOf(server.getLocalPort()),
              System.getenv(CACHE),
              String.valueOf(BOUND));
      builder.directory(new File(System.getProperty("java.io.tmpdir")));
      this.worker = builder.inheritIO().start();
      this.socket = server.accept();
    }
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /** Calls a function in the worker. */
  public Object call(Serializable function, Object... arguments) throws Throwable {
    Codec.EncodedCall call = code.encode(function, arguments, LIMIT);
    out.writeBoolean(true);
    for (Bytes each : List.of(call.bundle(), call.function(), call.arguments())) {
      write(out, each);
    }
    while (true) {
      switch (in.readByte()) {
        case NEED -> answer(read(in));
        case VALUE -> {
          return code.decodeValue(read(in));
        }
        case FAILURE -> throw code.decodeFailure(read(in));
        default -> throw new IOException(in.readUTF());
      }
    }
  }

  private void answer(Bytes hash) throws IOException {
    fetched++;
    try {
      Bytes content = bundles.content(hash);
      out.writeBoolean(true);
      write(out, content);
    } catch (IOException e) {
      out.writeBoolean(false);
      out.writeUTF(String.valueOf(e.getMessage()));
    }
  }

  /** Returns how many contents the worker has asked for. */
  public int fetched() {
    return fetched;
  }

  /** Returns the process of the worker. */
  public long pid() {
    return worker.pid();
  }

  static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt((int) bytes.length());
    bytes.stream().transferTo(out);
  }

  static Bytes read(DataInputStream in) throws IOException {
    return Bytes.of(in.readNBytes(in.readInt()));
  }

  @Override
  public void close() throws IOException {
    out.writeBoolean(false);
    socket.close();
    try {
      if (!worker.waitFor(1, TimeUnit.MINUTES) || worker.exitValue() != 0) {
        throw new IOException("The worker has not ended well");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      worker.destroyForcibly();
    }
  }
}
