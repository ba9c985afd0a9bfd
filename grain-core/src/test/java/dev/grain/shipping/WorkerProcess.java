package dev.grain.shipping;

import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.CodeStore.LoadedCode;
import dev.grain.code.bundle.BundleStore.Fetcher;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;

/** A worker that has nothing but Grain and this class: runs what it gets, one call at a time. */
public final class WorkerProcess {
  private static final long LIMIT = 1 << 20;

  private WorkerProcess() {}

  /**
   * Runs calls until the head closes the connection.
   *
   * @param args the port of the head, the folder of the cache, and its bound in bytes
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    CodeStore store = new CodeStore(Path.of(args[1]), Long.parseLong(args[2]));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
      while (in.readBoolean()) {
        Bytes bundle = Program.read(in);
        Bytes function = Program.read(in);
        Bytes arguments = Program.read(in);
        try (LoadedCode loaded = store.load(bundle, fetcher(in, out))) {
          run(loaded, function, arguments, out);
        } catch (IOException e) {
          out.writeByte(Program.NOT_LOADED);
          out.writeUTF(String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private static Fetcher fetcher(DataInputStream in, DataOutputStream out) {
    return hash -> {
      out.writeByte(Program.NEED);
      Program.write(out, hash);
      if (in.readBoolean()) {
        return Program.read(in);
      }
      throw new IOException(in.readUTF());
    };
  }

  @SuppressWarnings("CatchThrowable") // whatever the function throws goes back
  private static void run(LoadedCode loaded, Bytes function, Bytes arguments, DataOutputStream out)
      throws IOException {
    try {
      Object value = loaded.code().decode(function, arguments).run();
      Bytes encoded = loaded.code().encodeValue(value, LIMIT);
      out.writeByte(Program.VALUE);
      Program.write(out, encoded);
    } catch (Throwable e) {
      out.writeByte(Program.FAILURE);
      Program.write(out, loaded.code().encodeFailure(e));
    }
  }
}
