package dev.grain.worker;

import dev.grain.Enforce;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The flags of {@code grain-worker}, and their values once the command line is read; null for those
 * that were not given and have no default.
 *
 * <p>Implementation note: they are declared by calls. Annotations are read by reflection, whose
 * proxies and accessors no cache of classes keeps, so that each start would make them anew.
 */
final class WorkerFlags {
  private static final String DEFAULT_CACHE = "10GiB";
  private static final String DEFAULT_DRAIN = "30s";
  private static final String DEFAULT_GRACE = "60s";

  private final OptionSpec port =
      OptionSpec.builder("--port")
          .paramLabel("PORT")
          .type(Integer.class)
          .converters(new Converters.Port())
          .description(
              "Listen on this port; 0 for any free port. Default: 4242, unless --head is "
                  + "given.")
          .build();

  private final OptionSpec host =
      OptionSpec.builder("--host")
          .paramLabel("HOST")
          .type(String.class)
          .description(
              "Listen on this host name or address only. Default: all addresses of this "
                  + "machine.")
          .build();

  private final OptionSpec heads =
      OptionSpec.builder("--head")
          .paramLabel("HOST:PORT")
          .type(List.class)
          .auxiliaryTypes(Address.class)
          .initialValue(List.of())
          .converters(new Converters.Where())
          .description(
              "Connect to the program that listens there. Retry until it is there, and wait "
                  + "for the next one when a run ends. May be given several times.")
          .build();

  private final OptionSpec cpus =
      OptionSpec.builder("--cpus")
          .paramLabel("N")
          .type(Integer.class)
          .description("Offer this many cores. Default: all that this process may use.")
          .build();

  private final OptionSpec memory =
      OptionSpec.builder("--memory")
          .paramLabel("SIZE")
          .type(Long.class)
          .converters(new Converters.Size())
          .description(
              "Offer this much memory, for example 24GiB. The heap is 10%% larger, unless --heap is "
                  + "given. Default: 80%% of what this process may use.")
          .build();

  private final OptionSpec heap =
      OptionSpec.builder("--heap")
          .paramLabel("SIZE")
          .type(Long.class)
          .converters(new Converters.Size())
          .description(
              "The heap size of the worker's JVM, which limits the total memory of the functions that "
                  + "run at the same time. Commands need no heap. Default: 10%% more than "
                  + "--memory.")
          .build();

  private final OptionSpec resources =
      OptionSpec.builder("--resource")
          .paramLabel("NAME=AMOUNT")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .initialValue(List.of())
          .description(
              "Offer a custom resource: an amount, as in LICENSE=2, or units with ids, as in "
                  + "PORT=8000-8009 or CAMERA=a,b. May be given several times.")
          .build();

  private final OptionSpec name =
      OptionSpec.builder("--name")
          .paramLabel("NAME")
          .type(String.class)
          .converters(new Converters.Name())
          .description("The worker's name in messages and tables. Default: the host name.")
          .build();

  private final OptionSpec key =
      OptionSpec.builder("--key")
          .paramLabel("FILE")
          .type(Path.class)
          .description(
              "The cluster key file. Default: grain/cluster.key in your configuration "
                  + "directory, created on first use.")
          .build();

  private final OptionSpec insecure =
      OptionSpec.builder("--insecure")
          .type(boolean.class)
          .description(
              "Use plain text without a key. Anyone who can reach the port can run code " + "here.")
          .build();

  private final OptionSpec cacheFolder =
      OptionSpec.builder("--cache-dir")
          .paramLabel("FOLDER")
          .type(Path.class)
          .description(
              "The directory for the code of programs. Default: grain in your cache "
                  + "directory.")
          .build();

  private final OptionSpec cacheBytes =
      OptionSpec.builder("--cache-size")
          .paramLabel("SIZE")
          .type(long.class)
          .converters(new Converters.Size())
          .defaultValue(DEFAULT_CACHE)
          .description("The maximum size of the code cache. Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec purge =
      OptionSpec.builder("--purge")
          .type(boolean.class)
          .description(
              "Remove the checkouts, environments and images that no worker uses from the cache "
                  + "directory and the container engine, and exit.")
          .build();

  private final OptionSpec once =
      OptionSpec.builder("--once")
          .type(boolean.class)
          .description("End after the first run.")
          .build();

  private final OptionSpec drain =
      OptionSpec.builder("--drain")
          .paramLabel("TIME")
          .type(Duration.class)
          .converters(new Converters.Time())
          .defaultValue(DEFAULT_DRAIN)
          .description(
              "How long running jobs may take when the worker drains, for example 30s or "
                  + "5m. Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec until =
      OptionSpec.builder("--until")
          .paramLabel("TIME")
          .type(Until.class)
          .converters(new Converters.Moment())
          .description(
              "Exit by this time, for example 2h or 2026-03-01T18:30. Draining starts early "
                  + "enough for --drain. Default: the end of the Slurm allocation, if there is "
                  + "one.")
          .build();

  private final OptionSpec grace =
      OptionSpec.builder("--grace")
          .paramLabel("TIME")
          .type(Duration.class)
          .converters(new Converters.Time())
          .defaultValue(DEFAULT_GRACE)
          .description(
              "How long to keep jobs running after the connection to their program is lost, "
                  + "for example 30s or 5m. At most 10 s if the program's machine closed the "
                  + "connection, as the program was most likely killed. Default: "
                  + "${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec respawn =
      OptionSpec.builder("--respawn")
          .type(boolean.class)
          .description(
              "Restart the worker, on the same port, when it was killed, ran out of memory, "
                  + "or a job called System.exit. The delay grows from 1 s to 30 s if it fails "
                  + "again soon.")
          .build();

  private final OptionSpec enforce =
      OptionSpec.builder("--enforce")
          .paramLabel("MODE")
          .type(Enforce.class)
          .converters(new Converters.EnforceMode())
          .defaultValue("best")
          .description(
              "Limit the processes of jobs to the cores and memory that they request: off, best (by "
                  + "the best available mechanism) or require (by control groups, or do not "
                  + "start). Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec maxProcesses =
      OptionSpec.builder("--max-processes")
          .paramLabel("N")
          .type(Integer.class)
          .description(
              "The maximum number of processes and threads of each job. Default: "
                  + EnforcementSettings.REQUIRED_MAX_PROCESSES
                  + " with --enforce=require, otherwise no limit.")
          .build();

  private final OptionSpec pin =
      OptionSpec.builder("--pin")
          .type(boolean.class)
          .description(
              "Also pin functions that request whole cores to these cores. Functions that "
                  + "request less share threads and are not pinned.")
          .build();

  private final OptionSpec config =
      OptionSpec.builder("--config")
          .paramLabel("FILE")
          .type(Path.class)
          .description(
              "Read flags from this YAML file, for example port: 4300. Its keys are the flags "
                  + "listed here, without dashes. A flag on the command line wins.")
          .build();

  private final OptionSpec logLevel =
      OptionSpec.builder("--log-level")
          .paramLabel("LEVEL")
          .type(LogOptions.Threshold.class)
          .converters(new Converters.LogLevel())
          .defaultValue("info")
          .description(
              "Log events of this level and above: error, warn, info, debug or trace. "
                  + "Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec logFile =
      OptionSpec.builder("--log-file")
          .paramLabel("FILE")
          .type(Path.class)
          .description("Append log messages to this file. Default: standard error.")
          .build();

  private final OptionSpec check =
      OptionSpec.builder("--check")
          .type(boolean.class)
          .description(
              "Run internal consistency checks, and end if one fails. For debugging Grain.")
          .build();

  /** Adds them to a command, in the order in which its help lists them. */
  void addTo(CommandSpec command) {
    command.addOption(port);
    command.addOption(host);
    command.addOption(heads);
    command.addOption(cpus);
    command.addOption(memory);
    command.addOption(heap);
    command.addOption(resources);
    command.addOption(name);
    command.addOption(key);
    command.addOption(insecure);
    command.addOption(cacheFolder);
    command.addOption(cacheBytes);
    command.addOption(purge);
    command.addOption(once);
    command.addOption(drain);
    command.addOption(until);
    command.addOption(grace);
    command.addOption(respawn);
    command.addOption(enforce);
    command.addOption(maxProcesses);
    command.addOption(pin);
    command.addOption(logLevel);
    command.addOption(logFile);
    command.addOption(config);
    command.addOption(check);
  }

  @Nullable Integer port() {
    return port.getValue();
  }

  @Nullable String host() {
    return host.getValue();
  }

  List<Address> heads() {
    return heads.getValue();
  }

  @Nullable Integer cpus() {
    return cpus.getValue();
  }

  @Nullable Long memory() {
    return memory.getValue();
  }

  @Nullable Long heap() {
    return heap.getValue();
  }

  List<String> resources() {
    return resources.getValue();
  }

  @Nullable String name() {
    return name.getValue();
  }

  @Nullable Path key() {
    return key.getValue();
  }

  boolean insecure() {
    return Boolean.TRUE.equals(insecure.getValue());
  }

  @Nullable Path cacheFolder() {
    return cacheFolder.getValue();
  }

  long cacheBytes() {
    return cacheBytes.getValue();
  }

  boolean purge() {
    return Boolean.TRUE.equals(purge.getValue());
  }

  boolean once() {
    return Boolean.TRUE.equals(once.getValue());
  }

  Duration drain() {
    return drain.getValue();
  }

  @Nullable Until until() {
    return until.getValue();
  }

  Duration grace() {
    return grace.getValue();
  }

  Enforce enforce() {
    return enforce.getValue();
  }

  @Nullable Integer maxProcesses() {
    return maxProcesses.getValue();
  }

  boolean pin() {
    return Boolean.TRUE.equals(pin.getValue());
  }

  LogOptions log() {
    return new LogOptions(logLevel.getValue(), logFile.getValue());
  }

  @Nullable Path config() {
    return config.getValue();
  }

  boolean check() {
    return Boolean.TRUE.equals(check.getValue());
  }

  boolean respawn() {
    return Boolean.TRUE.equals(respawn.getValue());
  }
}
