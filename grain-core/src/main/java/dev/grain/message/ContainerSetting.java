package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The container that a job runs in. An empty text stands for none.
 *
 * @param image the name of the image; with its digest, unless it is local
 * @param local whether the engine of the node has to have the image; it is never pulled then
 * @param mounts the files and folders of the node that the container has
 * @param environment what is set in addition to what the image sets
 * @param network {@code none}, {@code host} or the name of a network of the engine; none for that
 *     which the engine gives a container
 * @param user a name of the image or an id, also {@code user:group}; none for the user of the
 *     worker, or nobody if that is root
 * @param capabilities the capabilities of Linux that it has, as in {@code NET_RAW}
 * @param readOnlyRoot whether it can change nothing of the image; then {@code /tmp} is in memory
 * @param sharedMemory the size of {@code /dev/shm} in bytes; 0 for what the engine gives
 */
public record ContainerSetting(
    String image,
    boolean local,
    List<Mount> mounts,
    SequencedMap<String, String> environment,
    String network,
    String user,
    List<String> capabilities,
    boolean readOnlyRoot,
    long sharedMemory) {

  /**
   * A file or folder of the node in the container.
   *
   * @param host the absolute path on the node
   * @param container the absolute path in the container
   * @param readOnly whether the container cannot change it
   */
  public record Mount(String host, String container, boolean readOnly) {
    static void write(List<Mount> mounts, DataOutputStream out) throws IOException {
      out.writeInt(mounts.size());
      for (Mount mount : mounts) {
        CommandInput.write(mount.host, out);
        CommandInput.write(mount.container, out);
        out.writeBoolean(mount.readOnly);
      }
    }

    static List<Mount> read(DataInputStream in) throws IOException {
      List<Mount> mounts = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        String host = CommandInput.read(in);
        String container = CommandInput.read(in);
        mounts.add(new Mount(host, container, in.readBoolean()));
      }
      return mounts;
    }
  }

  /** Makes a setting that nobody changes. */
  public ContainerSetting {
    mounts = List.copyOf(mounts);
    environment = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(environment));
    capabilities = List.copyOf(capabilities);
  }

  /** Returns the setting of an image and nothing else. */
  public static ContainerSetting of(String image, boolean local) {
    return new ContainerSetting(
        image, local, List.of(), new LinkedHashMap<>(), "", "", List.of(), false, 0);
  }

  /** Returns the same with another image. */
  public ContainerSetting at(String other) {
    return new ContainerSetting(
        other, local, mounts, environment, network, user, capabilities, readOnlyRoot, sharedMemory);
  }

  /** Returns it as bytes. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      CommandInput.write(image, out);
      out.writeBoolean(local);
      Mount.write(mounts, out);
      CommandInput.write(environment, out);
      CommandInput.write(network, out);
      CommandInput.write(user, out);
      out.writeInt(capabilities.size());
      for (String capability : capabilities) {
        CommandInput.write(capability, out);
      }
      out.writeBoolean(readOnlyRoot);
      out.writeLong(sharedMemory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /**
   * Reads what {@link #encode} has returned.
   *
   * @throws IOException if it is something else
   */
  public static ContainerSetting decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      String image = CommandInput.read(in);
      boolean local = in.readBoolean();
      List<Mount> mounts = Mount.read(in);
      SequencedMap<String, String> environment = CommandInput.readMap(in);
      String network = CommandInput.read(in);
      String user = CommandInput.read(in);
      List<String> capabilities = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        capabilities.add(CommandInput.read(in));
      }
      return new ContainerSetting(
          image,
          local,
          mounts,
          environment,
          network,
          user,
          capabilities,
          in.readBoolean(),
          in.readLong());
    }
  }
}
