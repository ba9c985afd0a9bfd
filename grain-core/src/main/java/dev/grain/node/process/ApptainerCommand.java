package dev.grain.node.process;

import dev.grain.message.ApptainerSetting;
import dev.grain.message.ContainerSetting.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * The program Apptainer, with the image and what else the container of one command is to have.
 *
 * <p>The container has nothing of the node but what is mounted, and none of its variables; its
 * temporary files and its home are in the folder of the job, as those in memory would be small.
 *
 * @param program the path of {@code apptainer} or {@code singularity}
 * @param image the path of the image
 * @param setting what the user wants
 * @param gpus whether the job holds GPUs
 * @param files the folder of the job, which the container has as {@link #FILES}
 */
record ApptainerCommand(
    Path program, Path image, ApptainerSetting setting, boolean gpus, Path files) {
  /** Where the container has the files of the job. */
  static final String FILES = "/grain";

  private static final String APPTAINER = "apptainer";
  private static final String SINGULARITY = "singularity";
  private static final String OWN = "own";

  /**
   * Finds the program and the image.
   *
   * @param search the folders in which programs are looked for, as in {@code PATH}
   * @param folder what the path of the image is relative to
   * @throws NotPossible if this node has one of them not
   */
  static ApptainerCommand find(
      ApptainerSetting setting, String search, Path folder, boolean gpus, Path files)
      throws NotPossible {
    Path program = Preparation.find(APPTAINER, search);
    if (program == null) {
      program = Preparation.find(SINGULARITY, search);
    }
    if (program == null) {
      throw NotPossible.here(
          "there is no program apptainer or singularity on the PATH of this worker (%s); install one of them, or request workers that have it"
              .formatted(search));
    }
    Path image = folder.resolve(Preparation.path(setting.image()));
    if (!Files.isReadable(image)) {
      throw NotPossible.here("there is no image %s on this worker".formatted(image));
    }
    for (Mount each : setting.mounts()) {
      if (!Files.exists(Path.of(each.host()))) {
        throw NotPossible.here(
            "there is no %s on this worker, which its container is to have as %s"
                .formatted(each.host(), each.container()));
      }
    }
    return new ApptainerCommand(program, image, setting, gpus, files);
  }

  /**
   * Returns the words that run a program in the container.
   *
   * @param inner the program, by its name or path in the container, and its arguments
   * @param folder where it runs, in the container
   * @param shared folders of the node that the container has by the same paths
   */
  List<String> words(List<String> inner, String folder, SequencedSet<Path> shared)
      throws IOException {
    Path work = Files.createDirectories(files.resolve(OWN));
    List<String> words =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--quiet",
                "exec",
                "--containall",
                "--no-eval",
                "--no-privs",
                "--workdir",
                work.toString()));
    if (gpus) {
      words.add("--nv");
    }
    mount(files.toString(), FILES, false, words);
    for (Path each : shared) {
      mount(each.toString(), each.toString(), false, words);
    }
    for (Mount each : setting.mounts()) {
      mount(each.host(), each.container(), each.readOnly(), words);
    }
    words.add("--pwd");
    words.add(folder);
    words.addAll(setting.options());
    words.add(image.toString());
    words.addAll(inner);
    return words;
  }

  /** Adds a mount. The fields are those of a line of CSV. */
  private static void mount(String host, String target, boolean readOnly, List<String> words) {
    words.add("--mount");
    words.add(
        "type=bind,%s,%s%s"
            .formatted(
                field("source=" + host), field("destination=" + target), readOnly ? ",ro" : ""));
  }

  private static String field(String text) {
    boolean plain = text.indexOf(',') < 0 && text.indexOf('"') < 0 && text.indexOf('\n') < 0;
    return plain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }

  /** Returns the variables of the program that set those of the container. */
  Map<String, String> forContainer(Map<String, String> variables) {
    boolean singularity = program.endsWith(SINGULARITY);
    String prefix = singularity ? "SINGULARITYENV_" : "APPTAINERENV_";
    Map<String, String> prefixed = new HashMap<>();
    variables.forEach((name, value) -> prefixed.put(prefix + name, value));
    return prefixed;
  }

  /** Returns the folders of the node that the container is to have besides those that are set. */
  static SequencedSet<Path> shared(Path... folders) {
    SequencedSet<Path> shared = new LinkedHashSet<>();
    for (Path each : folders) {
      if (each.getNameCount() > 0 && shared.stream().noneMatch(each::startsWith)) {
        shared.add(each);
      }
    }
    return shared;
  }
}
