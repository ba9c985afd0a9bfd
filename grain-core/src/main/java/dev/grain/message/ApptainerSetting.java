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
 * In what container of Apptainer a command runs.
 *
 * @param image the path of the image on the node, relative to the folder of the job's code
 * @param mounts the files and folders of the node that the container has
 * @param environment what is set in addition to what the image sets
 * @param options further options for Apptainer
 */
public record ApptainerSetting(
    String image,
    List<ContainerSetting.Mount> mounts,
    SequencedMap<String, String> environment,
    List<String> options) {
  /** Makes a setting that nobody changes. */
  public ApptainerSetting {
    mounts = List.copyOf(mounts);
    environment = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(environment));
    options = List.copyOf(options);
  }

  /** Returns the setting of an image and nothing else. */
  public static ApptainerSetting of(String image) {
    return new ApptainerSetting(image, List.of(), new LinkedHashMap<>(), List.of());
  }

  /** Returns it as bytes. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      CommandInput.write(image, out);
      ContainerSetting.Mount.write(mounts, out);
      CommandInput.write(environment, out);
      out.writeInt(options.size());
      for (String option : options) {
        CommandInput.write(option, out);
      }
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
  public static ApptainerSetting decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      String image = CommandInput.read(in);
      List<ContainerSetting.Mount> mounts = ContainerSetting.Mount.read(in);
      SequencedMap<String, String> environment = CommandInput.readMap(in);
      List<String> options = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        options.add(CommandInput.read(in));
      }
      return new ApptainerSetting(image, mounts, environment, options);
    }
  }
}
