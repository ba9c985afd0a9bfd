package dev.grain.resource.internal;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the GPUs that this process may use, in the form that CUDA takes. */
final class Gpus {
  /** How long {@code nvidia-smi} may take; a damaged driver lets it hang. */
  static final Duration QUERY_LIMIT = Duration.ofSeconds(5);

  private static final String PROGRAM = "nvidia-smi";

  private final Machine machine;
  private final ProbeCommands commands;

  Gpus(Machine machine, ProbeCommands commands) {
    this.machine = machine;
    this.commands = commands;
  }

  /**
   * Returns the ids: those made visible, else those of the Slurm allocation, else all there are.
   */
  List<String> ids() {
    String visible = machine.variable("CUDA_VISIBLE_DEVICES");
    if (visible != null) {
      return visible(visible);
    }
    List<String> allocated = new Slurm(machine).gpus();
    return allocated != null ? allocated : installed();
  }

  /** Returns the ids up to the first that is not one or comes again, as CUDA itself does. */
  private static List<String> visible(String variable) {
    List<String> ids = new ArrayList<>();
    for (String entry : variable.split(",", -1)) {
      String id = entry.strip();
      if (!isId(id) || ids.contains(id)) {
        break;
      }
      ids.add(id);
    }
    return ids;
  }

  private static boolean isId(String text) {
    return IdList.number(text) >= 0
        || ((text.startsWith("GPU-") || text.startsWith("MIG-"))
            && text.length() <= Offer.MAX_GPU_ID_LENGTH);
  }

  private List<String> installed() {
    Path program = program();
    String printed =
        program == null
            ? null
            : commands.run(
                List.of(program.toString(), "--query-gpu=index,uuid", "--format=csv,noheader"),
                QUERY_LIMIT);
    return printed == null ? List.of() : listed(printed);
  }

  /** Returns the program on the search path, or null; without it nothing is started. */
  private @Nullable Path program() {
    String searched = machine.variable("PATH");
    if (searched == null) {
      return null;
    }
    for (String folder : searched.split(File.pathSeparator, -1)) {
      Path candidate = folder.isEmpty() ? null : machine.at(folder + "/" + PROGRAM);
      if (candidate != null && Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * Reads lines such as {@code 0, GPU-8f6…}. The unique id is taken, because CUDA may number the
   * GPUs in another order than {@code nvidia-smi}.
   */
  private static List<String> listed(String printed) {
    List<String> ids = new ArrayList<>();
    for (String line : printed.lines().toList()) {
      int comma = line.indexOf(',');
      String index = comma < 0 ? line.strip() : line.substring(0, comma).strip();
      String unique = comma < 0 ? "" : line.substring(comma + 1).strip();
      String id = unique.startsWith("GPU-") ? unique : index;
      if (isId(id) && !ids.contains(id)) {
        ids.add(id);
      }
    }
    return ids;
  }
}
