package dev.grain.worker;

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
              "Listens on this port for heads; 0 takes any free one. Without --port and --head: 4242.")
          .build();

  private final OptionSpec host =
      OptionSpec.builder("--host")
          .paramLabel("HOST")
          .type(String.class)
          .description("Listens on this name or address only. Default: on all of this machine.")
          .build();

  private final OptionSpec heads =
      OptionSpec.builder("--head")
          .paramLabel("HOST:PORT")
          .type(List.class)
          .auxiliaryTypes(Address.class)
          .initialValue(List.of())
          .converters(new Converters.Where())
          .description(
              "Dials the head that listens there, again and again until it is there, and waits for the "
                  + "next one when a run ends. May be given several times.")
          .build();

  private final OptionSpec cpus =
      OptionSpec.builder("--cpus")
          .paramLabel("N")
          .type(Integer.class)
          .description("Offers this many cores. Default: those that this process may use.")
          .build();

  private final OptionSpec memory =
      OptionSpec.builder("--memory")
          .paramLabel("SIZE")
          .type(Long.class)
          .converters(new Converters.Size())
          .description(
              "Offers this much memory, for example 24GiB; the heap is a tenth larger. Default: 80%% of "
                  + "what this process may use.")
          .build();

  private final OptionSpec resources =
      OptionSpec.builder("--resource")
          .paramLabel("NAME=AMOUNT")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .initialValue(List.of())
          .description("Offers a kind of your own. May be given several times.")
          .build();

  private final OptionSpec name =
      OptionSpec.builder("--name")
          .paramLabel("NAME")
          .type(String.class)
          .converters(new Converters.Name())
          .description(
              "What it is called in messages and tables. Default: the name of the machine.")
          .build();

  private final OptionSpec key =
      OptionSpec.builder("--key")
          .paramLabel("FILE")
          .type(Path.class)
          .description(
              "The file of the cluster key. Default: grain/cluster.key in your folder of configuration, "
                  + "which is made on first use.")
          .build();

  private final OptionSpec insecure =
      OptionSpec.builder("--insecure")
          .type(boolean.class)
          .description(
              "Talks plain text, without a key: whoever reaches the port can run programs here.")
          .build();

  private final OptionSpec cacheFolder =
      OptionSpec.builder("--cache-dir")
          .paramLabel("FOLDER")
          .type(Path.class)
          .description(
              "Where the code of programs is kept. Default: the folder grain among your caches.")
          .build();

  private final OptionSpec cacheBytes =
      OptionSpec.builder("--cache-size")
          .paramLabel("SIZE")
          .type(long.class)
          .converters(new Converters.Size())
          .defaultValue(DEFAULT_CACHE)
          .description("How much code is kept there at most. Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec once =
      OptionSpec.builder("--once")
          .type(boolean.class)
          .description("Ends after the first run.")
          .build();

  private final OptionSpec drain =
      OptionSpec.builder("--drain")
          .paramLabel("TIME")
          .type(Duration.class)
          .converters(new Converters.Time())
          .defaultValue(DEFAULT_DRAIN)
          .description(
              "How long running jobs may take to end when the worker is told to end, for example 30s "
                  + "or 5m. Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec until =
      OptionSpec.builder("--until")
          .paramLabel("TIME")
          .type(Until.class)
          .converters(new Converters.Moment())
          .description(
              "When its time is over, for example 2h or 2026-03-01T18:30: it has ended by then, so it "
                  + "drains the limit of --drain before. Default: the end of the Slurm allocation, if "
                  + "it is in one.")
          .build();

  private final OptionSpec grace =
      OptionSpec.builder("--grace")
          .paramLabel("TIME")
          .type(Duration.class)
          .converters(new Converters.Time())
          .defaultValue(DEFAULT_GRACE)
          .description(
              "How long the jobs of a program whose connection is lost go on, until it is back, for "
                  + "example 30s or 5m. At most 10 s if its machine has closed the connection: most "
                  + "likely it was killed. Default: ${DEFAULT-VALUE}.")
          .build();

  private final OptionSpec respawn =
      OptionSpec.builder("--respawn")
          .type(boolean.class)
          .description(
              "Starts the worker again, on the same port, when it was killed, was out of memory, or a "
                  + "job called System.exit; after 1 s, and up to 30 s if it does not last.")
          .build();

  private final OptionSpec check =
      OptionSpec.builder("--check")
          .type(boolean.class)
          .description(
              "Checks its own books as it goes, and ends if they are wrong. For the search of bugs.")
          .build();

  /** Adds them to a command, in the order in which its help lists them. */
  void addTo(CommandSpec command) {
    command.addOption(port);
    command.addOption(host);
    command.addOption(heads);
    command.addOption(cpus);
    command.addOption(memory);
    command.addOption(resources);
    command.addOption(name);
    command.addOption(key);
    command.addOption(insecure);
    command.addOption(cacheFolder);
    command.addOption(cacheBytes);
    command.addOption(once);
    command.addOption(drain);
    command.addOption(until);
    command.addOption(grace);
    command.addOption(respawn);
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

  boolean check() {
    return Boolean.TRUE.equals(check.getValue());
  }

  boolean respawn() {
    return Boolean.TRUE.equals(respawn.getValue());
  }
}
