package dev.grain.container;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Container;
import dev.grain.Allocation;
import dev.grain.IsolatedJvmException;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.function.Fn0;
import dev.grain.loop.NettyLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.isolated.IsolatedJvms;
import dev.grain.node.isolated.IsolatedRunner;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.CommandRunner.Echo;
import dev.grain.resource.internal.Demand;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Functions in containers, without a head. */
@ExtendWith(DockerLab.Shared.class)
class ContainerFunctionsTest {
  private static final int LIMIT = 1 << 20;
  private static final Codec CODE = new Codec(ContainerFunctionsTest.class.getClassLoader());

  @TempDir private Path folder;

  private final NettyLoop loop = NettyLoop.withoutSockets("test-loop");
  private final Told told = new Told();

  private DockerLab lab;
  private DockerEngine engine;
  private Enforcement enforcement;
  private ContainerRunner containers;
  private IsolatedJvms jvms;
  private IsolatedRunner runner;
  private ContainerSetting java;
  // only accessed by the test
  private long orders;

  /** What a runner has reported. */
  private static final class Told implements JobRunner.Events {
    private final BlockingQueue<AttemptEnd> ends = new LinkedBlockingQueue<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

    @Override
    public void ended(AttemptEnd end) {
      ends.add(end);
    }

    @Override
    public void notRun(AttemptEnd why) {
      ends.add(why);
    }

    @Override
    public void printed(Bytes text, boolean error) {
      printed.add(text.utf8());
      begun.countDown();
    }
  }

  @BeforeEach
  void open() throws Exception {
    lab = DockerLab.Shared.lab();
    java = ContainerSetting.of(lab.importJava(), true);
    engine = lab.engine(folder.resolve("cache"));
    enforcement = Enforcement.open(EnforcementSettings.OFF);
    containers = new ContainerRunner(engine, CODE, LIMIT, Echo.NONE, 0);
    jvms = new IsolatedJvms(loop, CODE, LIMIT, true, Echo.NONE, enforcement, containers.jvms());
    runner = jvms.runner(null);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    jvms.close();
    containers.close();
    enforcement.close();
    loop.close();
    assertThat(lab.containers()).isEmpty();
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      String own = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX) + "-";
      assertThat(files).noneMatch(each -> each.toString().contains("grain-jvm-" + own));
    }
    engine.close();
  }

  // ---------------------------------------------------------------- jobs

  private static Allocation holding(List<Integer> cores, long memory) {
    return new Allocation(cores, List.of(), memory, Map.of("cpu", 1.0), "here");
  }

  private JobRunner.Running start(
      ContainerSetting setting, Allocation allocation, Fn0<?> function) {
    Codec.EncodedCall call = CODE.encode(function, new Object[0], LIMIT);
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Call(call.function(), false),
            new Order.Setting(CodeRef.OWN, Isolation.Container.of(setting)));
    orders++;
    Order order = new Order("r1", orders, orders, 1, false, spec, call.arguments());
    Ready ready =
        new Ready(
            List.of(), null, List.of(), List.of(), Map.of(), Set.of(), setting.image(), List.of());
    return runner.start(order, allocation, ready, told);
  }

  private JobRunner.Running start(ContainerSetting setting, Fn0<?> function) {
    return start(setting, holding(List.of(0), 0), function);
  }

  private AttemptEnd end() throws InterruptedException {
    return Objects.requireNonNull(told.ends.poll(120, TimeUnit.SECONDS));
  }

  private @Nullable Object value() throws InterruptedException {
    AttemptEnd how = end();
    if (how instanceof AttemptEnd.Failure(Bytes failure, String _)) {
      throw new AssertionError(CODE.decodeFailure(failure));
    }
    assertThat(how).isInstanceOf(AttemptEnd.Value.class);
    return CODE.decodeValue(((AttemptEnd.Value) how).value());
  }

  private @Nullable Object run(ContainerSetting setting, Fn0<?> function)
      throws InterruptedException {
    start(setting, function);
    return value();
  }

  private Throwable failure() throws InterruptedException {
    AttemptEnd how = end();
    assertThat(how).isInstanceOf(AttemptEnd.Failure.class);
    return CODE.decodeFailure(((AttemptEnd.Failure) how).failure());
  }

  private void awaitBegun() throws InterruptedException {
    assertThat(told.begun.await(120, TimeUnit.SECONDS)).isTrue();
  }

  // ---------------------------------------------------------------- functions of the tests

  private static String container() throws IOException {
    return Files.readString(Path.of("/etc/hostname")).strip();
  }

  private static String status(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(each -> each.startsWith(name + ":"))
        .map(each -> each.substring(name.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private static int hang() {
    System.out.println("begun");
    while (true) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  private static int sleep() throws InterruptedException {
    System.out.println("begun");
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  private static int fillHeap() {
    Object[] all = {};
    while (true) {
      all = new Object[] {all, new byte[1 << 20]};
    }
  }

  /** Uses memory that is not of the heap. */
  private static long fillContainer() {
    System.out.println("begun");
    // each page of it is written
    return Arena.global().allocate(2L << 30).byteSize();
  }

  // ---------------------------------------------------------------- what goes in and comes back

  @Test
  void function_runsWithTheJavaOfTheImage_andItsCaptures_andPrints() throws Exception {
    int seven = 7;
    assertThat(
            run(
                java,
                () -> {
                  System.out.println("größe");
                  return System.getProperty("java.home") + seven;
                }))
        .isEqualTo(JavaRoot.HOME + "7");
    assertThat(String.join("", told.printed)).isEqualTo("größe\n");
  }

  @Test
  void exception_comesBack() throws Exception {
    start(
        java,
        () -> {
          throw new IllegalStateException("no energy");
        });
    assertThat(failure()).isInstanceOf(IllegalStateException.class).hasMessage("no energy");
  }

  @Test
  void container_hasNoRightsButThoseThatItNeeds() throws Exception {
    assertThat(run(java, () -> status("Uid"))).isEqualTo("65534\t65534\t65534\t65534");
    assertThat(run(java, () -> status("CapEff"))).isEqualTo("0000000000000000");
    assertThat(run(java, () -> status("NoNewPrivs"))).isEqualTo("1");
    String written =
        (String)
            run(
                java,
                () -> {
                  try (Stream<Path> code = Files.list(Path.of("/grain-code/0"))) {
                    Path file = code.findFirst().orElseThrow();
                    Files.setLastModifiedTime(file, Files.getLastModifiedTime(file));
                    return "written";
                  } catch (IOException e) {
                    return "refused";
                  }
                });
    assertThat(written).isEqualTo("refused");
  }

  @Test
  void settingOfTheContainer_isObeyed() throws Exception {
    Files.writeString(folder.resolve("data"), "data");
    ContainerSetting setting =
        new ContainerSetting(
            java.image(),
            true,
            List.of(new ContainerSetting.Mount(folder.toString(), "/data", true)),
            new LinkedHashMap<>(Map.of("MODEL", "fast")),
            "none",
            "0",
            List.of("NET_RAW"),
            true,
            0);
    assertThat(
            run(
                setting,
                () -> {
                  String changed;
                  try {
                    changed = Files.writeString(Path.of("/file"), "").toString();
                  } catch (IOException e) {
                    changed = "read-only";
                  }
                  return System.getenv("MODEL")
                      + Files.readString(Path.of("/data/data"))
                      + status("Uid").charAt(0)
                      + changed;
                }))
        .isEqualTo("fastdata0read-only");
  }

  // ---------------------------------------------------------------- containers are used again

  @Test
  void container_isUsedAgain_byJobsThatAreAlike_onTheirCores() throws Exception {
    Object first = run(java, ContainerFunctionsTest::container);
    assertThat(run(java, ContainerFunctionsTest::container)).isEqualTo(first);
    if (engine.cores() > 1) {
      start(java, holding(List.of(1), 0), () -> container() + status("Cpus_allowed_list"));
      assertThat(value()).isEqualTo(first + "1");
    }
    start(java, holding(List.of(0), 256 << 20), ContainerFunctionsTest::container);
    assertThat(value()).isNotEqualTo(first);
    runner.close();
    while (!lab.containers().isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void jobThatIsInterrupted_leavesItsContainerToTheNextOne() throws Exception {
    Object first = run(java, ContainerFunctionsTest::container);
    JobRunner.Running job = start(java, ContainerFunctionsTest::sleep);
    awaitBegun();
    job.stop();
    assertThat(failure()).isInstanceOf(InterruptedException.class);
    assertThat(run(java, ContainerFunctionsTest::container)).isEqualTo(first);
  }

  // ---------------------------------------------------------------- ends

  @Test
  void jobThatIgnoresInterrupts_isKilled_withItsContainer() throws Exception {
    JobRunner.Running job = start(java, ContainerFunctionsTest::hang);
    awaitBegun();
    job.stop();
    assertThat(job.kill()).isTrue();
    assertThat(end()).isInstanceOf(AttemptEnd.Cancelled.class);
    assertThat(lab.containers()).isEmpty();
  }

  @Test
  void jobThatIsKilledWhileItsContainerStarts_isCancelled() throws Exception {
    start(java, ContainerFunctionsTest::hang).kill();
    assertThat(end()).isInstanceOf(AttemptEnd.Cancelled.class);
    assertThat(lab.containers()).isEmpty();
  }

  @Test
  void systemExit_namesItsCode() throws Exception {
    start(
        java,
        () -> {
          System.exit(3);
          return 0;
        });
    assertThat(failure())
        .isInstanceOfSatisfying(
            IsolatedJvmException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessage("Its JVM exited with code 3 (System.exit?)");
  }

  @Test
  void containerThatIsKilledFromOutside_namesTheSignal() throws Exception {
    start(java, ContainerFunctionsTest::hang);
    awaitBegun();
    Container running = lab.containers().getFirst();
    lab.client().killContainerCmd(running.getId()).exec();
    assertThat(failure())
        .isInstanceOf(IsolatedJvmException.class)
        .hasMessageStartingWith("Its JVM was killed by SIGKILL");
  }

  @Test
  void heapThatIsFull_isOutOfMemory() throws Exception {
    start(java, holding(List.of(0), 64 << 20), ContainerFunctionsTest::fillHeap);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.OutOfMemory.class,
            how -> assertThat(how.reason()).contains("it requested 64 MiB"));
  }

  @Test
  void memoryAboveTheLimitOfTheContainer_isOutOfMemory_withItsPeak() throws Exception {
    start(java, holding(List.of(0), 64 << 20), ContainerFunctionsTest::fillContainer);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.OutOfMemory.class,
            how -> {
              assertThat(how.reason())
                  .startsWith("its JVM used more than the 208 MiB that it may use")
                  .contains("enforced by its container");
              assertThat(how.limit()).isEqualTo(208 << 20);
              assertThat(how.peak()).isGreaterThanOrEqualTo(208 << 20);
            });
  }

  // ---------------------------------------------------------------- images that cannot

  @Test
  void imageWithoutJava_isSaid() throws Exception {
    start(ContainerSetting.of(DockerLab.BUSYBOX, true), () -> 1);
    assertThat(end())
        .isEqualTo(
            new AttemptEnd.NotStarted(
                "could not start its JVM: the image local/busybox:1 has no Java. Functions in"
                    + " containers need an image with Java 25 or later, as \"java\" on its PATH or"
                    + " in its JAVA_HOME, for example eclipse-temurin:25."));
  }

  @Test
  void imageWithAnOlderJava_isSaid() throws Exception {
    Path root = folder.resolve("old");
    Path program =
        Files.writeString(
            Files.createDirectories(root.resolve("bin")).resolve("java"),
            """
            #!/bin/sh
            echo '    java.specification.version = 17'
            echo '    java.vendor = Debian'
            echo '    java.version = 17.0.15'
            """);
    assertThat(program.toFile().setExecutable(true, false)).isTrue();
    lab.importBusybox("local/old:1", "", root);
    start(ContainerSetting.of("local/old:1", true), () -> 1);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            how ->
                assertThat(how.reason())
                    .contains(
                        "the image local/old:1 has java, which is Java 17.0.15 of Debian, but"
                            + " functions need Java 25 or later."));
  }

  @Test
  void userThatTheImageDoesNotHave_isSaid() throws Exception {
    ContainerSetting setting =
        new ContainerSetting(
            java.image(), true, List.of(), new LinkedHashMap<>(), "", "ann", List.of(), false, 0);
    start(setting, () -> 1);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            how ->
                assertThat(how.reason())
                    .startsWith("could not start its JVM: ")
                    .contains("unable to find user ann"));
  }

  @Test
  void mountThatIsNotThere_isSaid() throws Exception {
    ContainerSetting setting =
        new ContainerSetting(
            java.image(),
            true,
            List.of(new ContainerSetting.Mount(folder + "/nothing", "/data", true)),
            new LinkedHashMap<>(),
            "",
            "",
            List.of(),
            false,
            0);
    start(setting, () -> 1);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            how ->
                assertThat(how.reason())
                    .contains("its container cannot have what is to be mounted")
                    .contains(folder + "/nothing"));
  }

  @Test
  void imageThatIsNotThere_isSaid() throws Exception {
    start(ContainerSetting.of("local/nothing:1", true), () -> 1);
    assertThat(end())
        .isInstanceOfSatisfying(
            AttemptEnd.NotStarted.class,
            how -> assertThat(how.reason()).contains("does not have the image local/nothing:1"));
  }
}
