package dev.grain.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.image.ImageDigests;
import dev.grain.image.ImageName;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DockerLab.Shared.class)
class DockerEngineTest {
  private static final String MISSING = "sha256:" + "0".repeat(64);
  private static final Logins WRONG = (_, _) -> Optional.of(new Login.Password("bob", "gu3ss"));

  @TempDir private Path cache;

  private DockerLab lab;
  private ImageName name;

  @BeforeEach
  void resolve() throws Exception {
    lab = DockerLab.Shared.lab();
    lab.publish("team/busybox", "1");
    ImageName tagged = ImageName.parse(lab.registry() + "/team/busybox:1");
    try (ImageDigests digests = new ImageDigests()) {
      name = tagged.at(digests.resolve(tagged, lab.logins()));
    }
    try (DockerEngine engine = lab.engine(cache)) {
      if (engine.inspect(name.reference()) != null) {
        lab.client().removeImageCmd(name.reference()).exec();
      }
    }
  }

  @Test
  void engine_isNamed_andWhyThereIsNone(@TempDir Path other) {
    try (DockerEngine engine = lab.engine(cache)) {
      assertThat(engine.description()).startsWith("Docker ").endsWith(" at " + lab.host());
    }
    Path nothing = other.resolve("docker.sock");
    DockerEngine.Search none =
        DockerEngine.find(Map.of("DOCKER_HOST", "unix://" + nothing), cache, 0);
    assertThat(none.engine()).isEmpty();
    assertThat(none.reason()).contains("No engine for containers answers at unix://" + nothing);
    assertThat(DockerEngine.find(Map.of("DOCKER_HOST", "ssh://host"), cache, 0).reason())
        .contains("unix:// or tcp://");
  }

  @Test
  void digests_ofARegistryWithAPassword_nameWhoIsRefused() {
    ImageName tagged = ImageName.parse(lab.registry() + "/team/busybox:1");
    try (ImageDigests digests = new ImageDigests()) {
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> digests.resolve(tagged, WRONG))
          .withMessageContaining("refused the login of bob");
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> digests.resolve(tagged, Logins.NONE))
          .withMessageContaining("wants a login");
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() ->
              digests.resolve(
                  ImageName.parse(lab.registry() + "/team/busybox:nothing"), lab.logins()))
          .withMessageContaining("There is no image " + lab.registry() + "/team/busybox:nothing");
    }
  }

  @Test
  void image_isPulledOnce_thoughManyThreadsAndWorkersWantIt() throws Exception {
    List<String> phases = new CopyOnWriteArrayList<>();
    AtomicInteger asked = new AtomicInteger();
    Logins counting =
        (service, target) -> {
          asked.incrementAndGet();
          return lab.logins().find(service, target);
        };
    try (DockerEngine one = lab.engine(cache);
        DockerEngine two = lab.engine(cache)) {
      List<Thread> threads = new ArrayList<>();
      List<Image> images = new CopyOnWriteArrayList<>();
      List<Throwable> problems = new CopyOnWriteArrayList<>();
      for (int index = 0; index < 8; index++) {
        DockerEngine engine = index % 2 == 0 ? one : two;
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    images.add(engine.pull(name, counting, (phase, _, _) -> phases.add(phase)));
                  } catch (Throwable e) {
                    problems.add(e);
                  }
                }));
      }
      for (Thread each : threads) {
        each.join();
      }
      assertThat(problems).isEmpty();
      assertThat(images).hasSize(8).extracting(Image::id).containsOnly(images.getFirst().id());
      assertThat(asked).hasValue(1);
      assertThat(phases).contains("pulling " + lab.registry() + "/team/busybox:1");
      images.forEach(Image::close);
    }
  }

  @Test
  void wrongPassword_isSaid_withoutIt() {
    try (DockerEngine engine = lab.engine(cache)) {
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> engine.pull(name, WRONG, Progress.NONE))
          .withMessageContaining("refused the login of bob")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("gu3ss"))
          .satisfies(e -> assertThat(e.isOfThisNode()).isFalse());
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> engine.pull(name, Logins.NONE, Progress.NONE))
          .withMessageContaining("wants a login");
    }
  }

  @Test
  void failure_isRemembered_soThatTheRegistryIsNotAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    Logins counting =
        (service, target) -> {
          asked.incrementAndGet();
          return lab.logins().find(service, target);
        };
    try (DockerEngine engine = lab.engine(cache)) {
      for (int attempt = 0; attempt < 5; attempt++) {
        assertThatExceptionOfType(PreparationException.class)
            .isThrownBy(() -> engine.pull(name.at(MISSING), counting, Progress.NONE))
            .withMessageContaining("There is no image");
      }
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void imageForOtherProcessors_isRefused() throws Exception {
    lab.loadForeign("local/other:1", "arm64");
    try (DockerEngine engine = lab.engine(cache)) {
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> engine.local("local/other:1"))
          .withMessage(
              "The image local/other:1 is for arm64, but this worker is %s."
                  .formatted(engine.architecture()));
    } finally {
      lab.client().removeImageCmd("local/other:1").exec();
    }
  }

  @Test
  void localImage_isNeverPulled() throws Exception {
    try (DockerEngine engine = lab.engine(cache);
        Image image = engine.local(DockerLab.BUSYBOX)) {
      assertThat(image.id()).startsWith("sha256:");
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> engine.local("local/nothing:1"))
          .withMessageContaining("never pulled")
          .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
    }
  }

  @Test
  void images_thatNobodyUses_areRemoved_butNoOthers() throws Exception {
    try (DockerEngine engine = lab.engine(cache);
        DockerEngine other = lab.engine(cache)) {
      Image image = engine.pull(name, lab.logins(), Progress.NONE);
      assertThat(other.purge()).isZero();
      image.close();
      image.close();
      assertThat(other.purge()).isPositive();
      assertThat(engine.inspect(name.reference())).isNull();
      assertThat(engine.inspect(DockerLab.BUSYBOX)).isNotNull();
      assertThat(other.purge()).isZero();
      assertThat(engine.inspect(DockerLab.BUSYBOX)).isNotNull();
    }
  }

  @Test
  void images_aboveTheBound_goWithTheNextPull() throws Exception {
    lab.publish("team/second", "1");
    ImageName tagged = ImageName.parse(lab.registry() + "/team/second:1");
    ImageName second;
    try (ImageDigests digests = new ImageDigests()) {
      second = tagged.at(digests.resolve(tagged, lab.logins()));
    }
    try (DockerEngine engine = lab.engine(cache, 1)) {
      engine.pull(name, lab.logins(), Progress.NONE).close();
      assertThat(engine.inspect(name.reference())).isNotNull();
      try (Image _ = engine.pull(second, lab.logins(), Progress.NONE)) {
        assertThat(engine.inspect(name.reference())).isNull();
        assertThat(engine.inspect(second.reference())).isNotNull();
      }
      engine.purge();
    }
  }

  @Test
  void registryThatHangs_isGivenUp() throws Exception {
    System.setProperty("dev.grain.pull.stall", "1000");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        DockerEngine engine = lab.engine(cache)) {
      ImageName hanging = ImageName.parse("127.0.0.1:" + silent.getLocalPort() + "/a").at(MISSING);
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> engine.pull(hanging, Logins.NONE, Progress.NONE))
          .withMessageContaining("sent nothing of " + hanging.words() + " for 1 seconds")
          .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
    } finally {
      System.clearProperty("dev.grain.pull.stall");
    }
  }

  @Test
  void pull_thatIsInterrupted_isGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        DockerEngine engine = lab.engine(cache)) {
      ImageName hanging = ImageName.parse("127.0.0.1:" + silent.getLocalPort() + "/a").at(MISSING);
      CountDownLatch begun = new CountDownLatch(1);
      AtomicReference<Throwable> problem = new AtomicReference<>();
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  engine.pull(hanging, Logins.NONE, (_, _, _) -> begun.countDown());
                } catch (Throwable e) {
                  problem.set(e);
                }
              });
      begun.await();
      thread.interrupt();
      thread.join();
      assertThat(problem.get()).isInstanceOf(InterruptedException.class);
    }
  }
}
