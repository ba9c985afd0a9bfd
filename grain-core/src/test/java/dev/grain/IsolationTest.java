package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.bytes.Bytes;
import dev.grain.message.ApptainerSetting;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Work;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The containers and JVMs that users describe, and what they refuse. */
final class IsolationTest {
  private static final String DIGEST = "sha256:" + "a1".repeat(32);
  private static final Isolation.Container PYTHON = Isolation.container("python");

  private final Run run = Run.open(RunOptions.defaults());

  @AfterEach
  void close() {
    run.close(true);
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }

  private dev.grain.message.Isolation sent(Work.Kind kind, JobOptions options) {
    JobBody.Encoded body = new JobBody.Encoded(kind, Bytes.utf8("x"), Bytes.empty(), Bytes.empty());
    return new Templates(run).of(options, body).template().spec().setting().isolation();
  }

  private ContainerSetting sent(Isolation.Container container) throws Exception {
    dev.grain.message.Isolation isolation =
        sent(Work.Kind.COMMAND, JobOptions.of(cpu(1)).in(container));
    return ContainerSetting.decode(((dev.grain.message.Isolation.Container) isolation).setting());
  }

  @Test
  void container_showsTheImageAsPeopleWriteIt() {
    assertThat(PYTHON).hasToString("a container of python:latest");
    assertThat(Isolation.container("ghcr.io/acme/train", "2"))
        .hasToString("a container of ghcr.io/acme/train:2");
    assertThat(Isolation.container("localhost:5000/train:3"))
        .hasToString("a container of localhost:5000/train:3");
    assertThat(Isolation.localImage("train:4")).hasToString("a container of train:4");
  }

  @Test
  void containerAt_isSentWithItsDigest_andAsksNobody() throws Exception {
    ContainerSetting setting = sent(Isolation.containerAt("nowhere.example/train:2", DIGEST));

    assertThat(setting.image()).isEqualTo("nowhere.example/train:2@" + DIGEST);
    assertThat(setting.local()).isFalse();
  }

  @Test
  void localImage_isSentAsItIs() throws Exception {
    ContainerSetting setting = sent(Isolation.localImage("train:4"));

    assertThat(setting).isEqualTo(ContainerSetting.of("train:4", true));
  }

  @Test
  void container_isSentWithAllThatWasSet() throws Exception {
    ContainerSetting setting =
        sent(
            Isolation.localImage("train")
                .mount(Path.of("/data/in"), "/in/")
                .mountReadOnly(Path.of("/data/model"), "/model")
                .env("LEVEL", "3")
                .env("MODE", "fast")
                .network("none")
                .user("1000:1000")
                .capabilities("NET_RAW", "cap_sys_nice")
                .capabilities("NET_RAW")
                .readOnlyRoot()
                .sharedMemory("1GiB"));

    assertThat(setting)
        .isEqualTo(
            new ContainerSetting(
                "train",
                true,
                List.of(
                    new ContainerSetting.Mount("/data/in", "/in", false),
                    new ContainerSetting.Mount("/data/model", "/model", true)),
                new LinkedHashMap<>(Map.of("LEVEL", "3", "MODE", "fast")),
                "none",
                "1000:1000",
                List.of("SYS_NICE", "NET_RAW"),
                true,
                1L << 30));
  }

  @Test
  void withers_leaveTheContainerAsItWas() throws Exception {
    Isolation.Container plain = Isolation.localImage("train");

    plain.env("LEVEL", "3").mount(Path.of("/a"), "/a").readOnlyRoot();

    assertThat(sent(plain)).isEqualTo(ContainerSetting.of("train", true));
  }

  @Test
  void container_thatIsMalformed_isRefusedWithTheReason() {
    assertRefused(
        () -> Isolation.container("Train"),
        "\"Train\" is no name of an image: the name of a repository has small letters and"
            + " digits, separated by '/', '.', '_' or '-', as in python:3.12 or"
            + " registry.example.org/team/train:2");
    assertRefused(
        () -> Isolation.containerAt("train", "sha256:12"),
        "\"sha256:12\" is no digest: it has to be sha256: and 64 hexadecimal digits");
    assertRefused(
        () -> Isolation.localImage("my image"),
        "\"my image\" is not the name or id of an image, as in train:2.");
    assertRefused(
        () -> PYTHON.mount(Path.of("data"), "/data"),
        "\"data\" is relative: a mount needs the absolute path of a file or folder of the worker.");
    assertRefused(
        () -> PYTHON.mount(Path.of("/data"), "data"),
        "\"data\" is not an absolute path in a container, as in /data.");
    assertRefused(
        () -> PYTHON.mount(Path.of("/data"), "/x/.."),
        "A mount at \"/x/..\" would hide all files of the image. Choose a folder, as in /data.");
    assertRefused(
        () -> PYTHON.mount(Path.of("/data"), "/grain/input"),
        "A mount at \"/grain/input\" is not possible: a container has the files of its job in"
            + " /grain and /grain-code");
    assertRefused(
        () -> PYTHON.mount(Path.of("/a"), "/data").mountReadOnly(Path.of("/b"), "/data/"),
        "Two mounts at \"/data\": choose different paths in the container.");
    assertRefused(
        () -> PYTHON.env("A=B", "c"), "\"A=B\" cannot be the name of an environment variable.");
    assertRefused(
        () -> PYTHON.env("A", "b\0"),
        "The value of A contains a NUL character, which cannot be passed to a program.");
    assertRefused(
        () -> PYTHON.network("container:x"),
        "\"container:x\" is not a network: give \"none\", \"host\" or the name of a network of the"
            + " engine.");
    assertRefused(
        () -> PYTHON.user("ann bee"),
        "\"ann bee\" is not a user: give a name or an id, and maybe a group, as in 1000:1000.");
    assertRefused(
        () -> PYTHON.capabilities("SYS_NICER"),
        "There is no Linux capability \"SYS_NICER\"; did you mean SYS_NICE?");
    assertRefused(
        () -> PYTHON.capabilities("EVERYTHING"), "There is no Linux capability \"EVERYTHING\".");
    assertRefused(
        () -> PYTHON.sharedMemory("1"),
        "sharedMemory(\"1\"): the unit is missing; write a number and one of the units B, kB, KiB,"
            + " MB, MiB, GB, GiB, TB, TiB, for example \"8GiB\"");
  }

  @Test
  void jvm_isSentWithItsHomeAndFlags() {
    JobOptions options =
        JobOptions.of(cpu(1)).in(Isolation.jvm(Path.of("/opt/jdk/")).options("-Xss4m", "-ea"));

    assertThat(sent(Work.Kind.CALL, options))
        .isEqualTo(dev.grain.message.Isolation.Jvm.of("/opt/jdk", List.of("-Xss4m", "-ea")));
    assertThat(options.isolation()).hasToString("a JVM of /opt/jdk");
  }

  @Test
  void isolated_isAJvmOfTheWorkersJava() {
    JobOptions options = JobOptions.of(cpu(1)).isolated("-Xss4m");

    assertThat(sent(Work.Kind.CALL, options))
        .isEqualTo(dev.grain.message.Isolation.Jvm.of("", List.of("-Xss4m")));
    assertThat(sent(Work.Kind.CALL, JobOptions.of(cpu(1)).isolated()))
        .isEqualTo(new dev.grain.message.Isolation.Jvm(Bytes.empty()));
  }

  @Test
  void jvm_withARelativeHome_isRefused() {
    assertRefused(
        () -> Isolation.jvm(Path.of("jdk")),
        "\"jdk\" is not an absolute path of a Java home on the workers.");
  }

  @Test
  void in_forTheWrongKindOfWork_isRefused() {
    JobOptions options = JobOptions.of(cpu(1));
    assertRefused(
        () -> sent(Work.Kind.COMMAND, options.in(Isolation.jvm(Path.of("/opt/jdk")))),
        "A command always runs in its own processes. Submit it without isolated(), which is for"
            + " functions.");
    assertRefused(
        () ->
            sent(
                Work.Kind.COMMAND,
                options.in(PYTHON).environment(Environment.venv("requirements.txt"))),
        "venv requirements.txt is installed for the worker's own system and not for a container"
            + " of python:latest. Submit the job without environment(), and use an image that"
            + " contains what it needs.");
  }

  @Test
  void container_withTooMuchToSend_isRefused() {
    Isolation.Container large = Isolation.localImage("train").env("X", "x".repeat(300_000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sent(large))
        .withMessageStartingWith("The setting of the container takes 300")
        .withMessageEndingWith("Give it fewer mounts and variables.");
  }

  // ---------------------------------------------------------------- Apptainer

  @Test
  void apptainer_isSentWithAllThatWasSet() throws Exception {
    Isolation.Apptainer container =
        Isolation.apptainer("/images/train.sif")
            .mount(Path.of("/data/in"), "/in")
            .mountReadOnly(Path.of("/data/model"), "/model")
            .env("LEVEL", "3")
            .options("--writable-tmpfs");

    dev.grain.message.Isolation isolation =
        sent(Work.Kind.COMMAND, JobOptions.of(cpu(1)).in(container));

    assertThat(
            ApptainerSetting.decode(((dev.grain.message.Isolation.Apptainer) isolation).setting()))
        .isEqualTo(
            new ApptainerSetting(
                "/images/train.sif",
                List.of(
                    new ContainerSetting.Mount("/data/in", "/in", false),
                    new ContainerSetting.Mount("/data/model", "/model", true)),
                new LinkedHashMap<>(Map.of("LEVEL", "3")),
                List.of("--writable-tmpfs")));
    assertThat(container).hasToString("a container of /images/train.sif");
  }

  @Test
  void apptainer_refusesWhatIsNoPathOrNoOption() {
    assertRefused(
        () -> Isolation.apptainer("docker://python"),
        "Isolation.apptainer takes the path of an image on the workers. Build it from"
            + " \"docker://python\" there with: apptainer build.");
    assertRefused(
        () -> Isolation.apptainer(" "),
        "\" \" is not the path of an image, as in /images/train.sif.");
    assertRefused(
        () -> Isolation.apptainer("a.sif").options("--bind", "/x"),
        "\"/x\" is not an option of apptainer exec. Write a value in the same argument, as in"
            + " --overlay=/data/overlay.img.");
  }

  @Test
  void apptainer_isForCommandsWithoutAnEnvironment() {
    JobOptions options = JobOptions.of(cpu(1)).in(Isolation.apptainer("a.sif"));
    assertRefused(
        () -> sent(Work.Kind.CALL, options),
        "A function cannot run in a container of a.sif. Use Isolation.container for functions, or"
            + " isolated().");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            sent(Work.Kind.COMMAND, options.environment(Environment.venv("requirements.txt"))))
        .withMessageContaining("not for a container of a.sif");
  }
}
