package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an order to a JVM has as its input: that of the job, and what the job holds, which a JVM
 * cannot know.
 *
 * @param allocation what the job holds
 * @param input what the function captures and its arguments, encoded
 */
record IsolatedCall(Allocation allocation, Bytes input) {
  /** Returns it as bytes; those of the input are shared. */
  Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(allocation.cores().size());
      for (int core : allocation.cores()) {
        out.writeInt(core);
      }
      writeTexts(allocation.gpus(), out);
      out.writeLong(allocation.memory());
      out.writeInt(allocation.amounts().size());
      for (Map.Entry<String, Double> each : allocation.amounts().entrySet()) {
        out.writeUTF(each.getKey());
        out.writeDouble(each.getValue());
      }
      out.writeUTF(allocation.node());
      out.writeInt(allocation.customIds().size());
      for (Map.Entry<String, List<String>> each : allocation.customIds().entrySet()) {
        out.writeUTF(each.getKey());
        writeTexts(each.getValue(), out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.join(List.of(Bytes.of(bytes.toByteArray()), input));
  }

  private static void writeTexts(List<String> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      out.writeUTF(text);
    }
  }

  /**
   * Reads what {@link #encode} has returned.
   *
   * @throws IOException if it is something else
   */
  static IsolatedCall decode(Bytes bytes) throws IOException {
    try (InputStream stream = bytes.stream();
        DataInputStream in = new DataInputStream(stream)) {
      List<Integer> cores = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        cores.add(in.readInt());
      }
      List<String> gpus = texts(in);
      long memory = in.readLong();
      Map<String, Double> amounts = new HashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        amounts.put(in.readUTF(), in.readDouble());
      }
      String node = in.readUTF();
      Map<String, List<String>> ids = new HashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        ids.put(in.readUTF(), texts(in));
      }
      Bytes.Builder rest = new Bytes.Builder(bytes.length());
      in.transferTo(rest);
      return new IsolatedCall(
          new Allocation(cores, gpus, memory, amounts, ids, node), rest.toBytes());
    }
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      texts.add(in.readUTF());
    }
    return texts;
  }
}
