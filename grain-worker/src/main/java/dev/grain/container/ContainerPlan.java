package dev.grain.container;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.MountType;
import dev.grain.Allocation;
import dev.grain.message.ContainerSetting;
import dev.grain.message.ContainerSetting.Mount;
import dev.grain.node.process.NotPossible;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The container that something is to have.
 *
 * @param setting what the user wants it to be like
 * @param program what is to run in it
 * @param mounts what it has of this machine, beside what the user wants
 * @param labels say whose it is, beside the life of its worker
 * @param allocation what it holds
 * @param memory how many bytes it may have; 0 for any amount
 */
record ContainerPlan(
    ContainerSetting setting,
    Program program,
    List<Mount> mounts,
    Map<String, String> labels,
    Allocation allocation,
    long memory) {
  /** What an engine takes at least. */
  private static final long LEAST_MEMORY = 6L << 20;

  private static final double NANOS = 1e9;
  private static final double LEAST_CORES = 0.01;

  /**
   * What runs in a container.
   *
   * @param words the program and its arguments
   * @param isEntry whether they replace the entry point of the image, which gets them otherwise
   * @param environment what is set beside what the image sets
   * @param folder where it runs; empty for that of the image
   * @param user whose it is, unless the setting names one
   * @param hasInput whether something is sent to its standard input
   */
  record Program(
      List<String> words,
      boolean isEntry,
      Map<String, String> environment,
      String folder,
      String user,
      boolean hasInput) {}

  /**
   * Has an engine make it; returns its id.
   *
   * @param image its id
   * @param init whether it gets an init process, which passes signals on that the first process of
   *     a container ignores otherwise
   */
  String create(Containers all, String image, boolean init) throws NotPossible {
    CreateContainerCmd command =
        all.engine()
            .client()
            .createContainerCmd(image)
            .withEnv(
                program.environment().entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue())
                    .toList())
            .withLabels(allLabels(all))
            .withUser(setting.user().isEmpty() ? program.user() : setting.user())
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withAttachStdin(program.hasInput())
            .withStdinOpen(program.hasInput())
            .withStdInOnce(program.hasInput())
            .withHostConfig(host(all, init));
    if (program.isEntry()) {
      command.withEntrypoint(program.words());
    } else {
      command.withCmd(program.words());
    }
    if (!program.folder().isEmpty()) {
      command.withWorkingDir(program.folder());
    }
    return command.exec().getId();
  }

  private Map<String, String> allLabels(Containers all) {
    Map<String, String> labelled = new LinkedHashMap<>(labels);
    labelled.put(DockerEngine.WORKER_LABEL, all.life());
    return labelled;
  }

  private HostConfig host(Containers all, boolean init) throws NotPossible {
    HostConfig host =
        HostConfig.newHostConfig()
            .withInit(init)
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"))
            .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
            .withMounts(allMounts());
    if (!setting.capabilities().isEmpty()) {
      host.withCapAdd(capabilities());
    }
    if (memory > 0) {
      long bytes = Math.max(LEAST_MEMORY, memory);
      // no swap beyond it
      host.withMemory(bytes).withMemorySwap(bytes);
    }
    limitCores(host, all.engine().cores());
    if (all.maxProcesses() > 0) {
      host.withPidsLimit(all.maxProcesses());
    }
    if (!allocation.gpus().isEmpty()) {
      host.withDeviceRequests(
          List.of(
              new DeviceRequest()
                  .withDeviceIds(allocation.gpus().stream().map(String::valueOf).toList())
                  .withCapabilities(List.of(List.of("gpu")))));
    }
    if (!setting.network().isEmpty()) {
      host.withNetworkMode(setting.network());
    }
    if (setting.sharedMemory() > 0) {
      host.withShmSize(setting.sharedMemory());
    }
    if (setting.readOnlyRoot()) {
      host.withReadonlyRootfs(true).withTmpFs(Map.of("/tmp", "mode=1777"));
    }
    return host;
  }

  /** The engine may have fewer cores than the worker says it has. */
  private void limitCores(HostConfig host, int known) {
    double wanted = allocation.amount("cpu");
    if (wanted > 0) {
      host.withNanoCPUs((long) (NANOS * Math.clamp(wanted, LEAST_CORES, known)));
    }
    String pinned = pinned(allocation, known);
    if (!pinned.isEmpty()) {
      host.withCpusetCpus(pinned);
    }
  }

  /**
   * Returns the cores that a container with this allocation runs on, as engines take them; empty
   * for any.
   *
   * @param known how many the engine has
   */
  static String pinned(Allocation allocation, int known) {
    List<Integer> cores = allocation.cores();
    return cores.isEmpty() || cores.getLast() >= known
        ? ""
        : cores.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private List<com.github.dockerjava.api.model.Mount> allMounts() {
    List<com.github.dockerjava.api.model.Mount> all = new ArrayList<>();
    mounts.forEach(each -> all.add(toEngine(each)));
    setting.mounts().forEach(each -> all.add(toEngine(each)));
    return all;
  }

  private static com.github.dockerjava.api.model.Mount toEngine(Mount mount) {
    return new com.github.dockerjava.api.model.Mount()
        .withType(MountType.BIND)
        .withSource(mount.host())
        .withTarget(mount.container())
        .withReadOnly(mount.readOnly());
  }

  private Capability[] capabilities() throws NotPossible {
    List<Capability> all = new ArrayList<>();
    for (String each : setting.capabilities()) {
      String name = each.toUpperCase(Locale.ROOT);
      try {
        all.add(Capability.valueOf(name.startsWith("CAP_") ? name.substring(4) : name));
      } catch (IllegalArgumentException e) {
        throw new NotPossible("there is no capability %s of Linux".formatted(each));
      }
    }
    return all.toArray(Capability[]::new);
  }
}
