package dev.grain.container;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import dev.grain.Allocation;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Order;
import dev.grain.node.process.FilledCommand;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The container that a job is to have.
 *
 * @param line with what the command asks for
 * @param filled the same for this attempt
 * @param folder its files
 */
record ContainerPlan(
    ContainerRunner runner,
    ContainerSetting setting,
    FilledCommand filled,
    CommandLine line,
    CommandInput input,
    Order order,
    Allocation allocation,
    JobFolder folder) {
  /** What an engine takes at least. */
  private static final long LEAST_MEMORY = 6L << 20;

  private static final double NANOS = 1e9;
  private static final double LEAST_CORES = 0.01;

  /** Has the engine make it; returns its id. */
  String create(String image, boolean hasInput) throws NotPossible, IOException {
    CreateContainerCmd command =
        runner
            .engine()
            .client()
            .createContainerCmd(image)
            .withCmd(filled.words())
            .withEnv(environment())
            .withLabels(labels())
            .withUser(
                setting.user().isEmpty() ? ContainerUser.usual(folder.path()) : setting.user())
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withAttachStdin(hasInput)
            .withStdinOpen(hasInput)
            .withStdInOnce(hasInput)
            .withHostConfig(host());
    if (!filled.folder().isEmpty()) {
      command.withWorkingDir(filled.folder());
    }
    return command.exec().getId();
  }

  private Map<String, String> labels() {
    return Map.of(
        DockerEngine.WORKER_LABEL,
        runner.life(),
        "dev.grain.head",
        order.run(),
        "dev.grain.job",
        String.valueOf(order.job()),
        "dev.grain.attempt",
        String.valueOf(order.attempt()));
  }

  /** Returns what is set beside what the image sets; later ones win. */
  private List<String> environment() {
    Map<String, String> all = new LinkedHashMap<>(setting.environment());
    all.putAll(filled.ofGrain());
    if (input.file() != null) {
      all.put("GRAIN_INPUT_FILE", JobFolder.inputInside());
    }
    if (line.returnsResult()) {
      all.put("GRAIN_RESULT_FILE", JobFolder.resultInside());
    }
    all.putAll(filled.ofUser());
    return all.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList();
  }

  private HostConfig host() throws NotPossible {
    HostConfig host =
        HostConfig.newHostConfig()
            .withInit(usesInit())
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"))
            .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
            .withMounts(mounts());
    if (!setting.capabilities().isEmpty()) {
      host.withCapAdd(capabilities());
    }
    if (allocation.memory() > 0) {
      long memory = Math.max(LEAST_MEMORY, allocation.memory());
      // no swap beyond it
      host.withMemory(memory).withMemorySwap(memory);
    }
    limitCores(host);
    if (runner.maxProcesses() > 0) {
      host.withPidsLimit(runner.maxProcesses());
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

  /**
   * An init process passes signals on, which the first process of a container ignores otherwise.
   */
  boolean usesInit() {
    return runner.usesInit();
  }

  /** The engine may have fewer cores than the worker says it has. */
  private void limitCores(HostConfig host) {
    double wanted = allocation.amount("cpu");
    int known = runner.engine().cores();
    if (wanted > 0) {
      host.withNanoCPUs((long) (NANOS * Math.clamp(wanted, LEAST_CORES, known)));
    }
    List<Integer> cores = allocation.cores();
    if (!cores.isEmpty() && cores.getLast() < known) {
      host.withCpusetCpus(cores.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
  }

  private List<Mount> mounts() {
    List<Mount> mounts = new ArrayList<>();
    mounts.add(mount(folder.path().toString(), JobFolder.INSIDE, false));
    setting
        .mounts()
        .forEach(each -> mounts.add(mount(each.host(), each.container(), each.readOnly())));
    return mounts;
  }

  private static Mount mount(String host, String container, boolean readOnly) {
    return new Mount()
        .withType(MountType.BIND)
        .withSource(host)
        .withTarget(container)
        .withReadOnly(readOnly);
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
