package dev.grain.environment;

import static dev.grain.environment.Fixture.inCode;
import static dev.grain.environment.Fixture.travelling;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jars of projects of Maven, from repositories that are folders of this machine. */
final class MavenEnvironmentsTest {
  private static final String GROUP = "org.example";

  @TempDir private Path folder;
  private Fixture fixture;
  private Path remote;

  @BeforeEach
  void prepareFolder() throws IOException {
    fixture = new Fixture(folder);
    remote = folder.resolve("remote");
    mirror(remote.toUri().toString());
    publish(remote, "util", "2.0");
    publish(remote, "lib", "1.0", "util:2.0:compile", "testing:1.0:test", "optional:1.0:provided");
    publish(remote, "testing", "1.0");
  }

  private void mirror(String url) throws IOException {
    Path settings = fixture.home.resolve(".m2/settings.xml");
    Files.createDirectories(settings.getParent());
    Files.writeString(
        settings,
        "<settings><mirrors><mirror><id>here</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>"
            .formatted(url));
  }

  private static String dependencies(String... dependencies) {
    StringBuilder xml = new StringBuilder("<dependencies>");
    for (String each : dependencies) {
      String[] parts = each.split(":", -1);
      xml.append(
          "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><scope>%s</scope></dependency>"
              .formatted(GROUP, parts[0], parts[1], parts[2]));
    }
    return xml + "</dependencies>";
  }

  private static String pom(String name, String version, String rest) {
    return "<project><modelVersion>4.0.0</modelVersion><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>%s</project>"
        .formatted(GROUP, name, version, rest);
  }

  private static void publish(Path repository, String name, String version, String... dependencies)
      throws IOException {
    Path place = Files.createDirectories(repository.resolve("org/example/" + name + "/" + version));
    String file = name + "-" + version;
    Files.writeString(place.resolve(file + ".pom"), pom(name, version, dependencies(dependencies)));
    Files.writeString(place.resolve(file + ".jar"), "jar of " + file);
  }

  private static EnvironmentSetting project(String... dependencies) {
    return travelling(
        EnvironmentKind.MAVEN, "pom.xml", pom("jobs", "1", dependencies(dependencies)));
  }

  private static List<String> names(PreparedEnvironment prepared) {
    return prepared.effects().classPath().stream()
        .map(each -> each.getFileName().toString())
        .toList();
  }

  @Test
  void project_hasTheJarsThatItNeedsToRun_inOrder() throws Exception {
    publish(remote, "other", "1.0");
    EnvironmentSetting setting =
        project("testing:1.0:test", "lib:1.0:compile", "other:1.0:runtime");

    try (PreparedEnvironment prepared = fixture.prepare(setting)) {
      assertThat(names(prepared)).containsExactly("lib-1.0.jar", "util-2.0.jar", "other-1.0.jar");
      assertThat(prepared.effects().classPath())
          .allSatisfy(jar -> assertThat(jar).startsWith(prepared.path()));
      assertThat(prepared.effects().classPath().getFirst()).hasContent("jar of lib-1.0");
      assertThat(prepared.effects().variables().get("CLASSPATH")).contains("util-2.0.jar");
    }
  }

  @Test
  void jars_thatAnotherProjectHasDownloaded_needNoRepository() throws Exception {
    publish(remote, "other", "1.0");
    fixture.prepare(project("lib:1.0:compile", "other:1.0:compile")).close();
    Files.move(remote, folder.resolve("moved"));

    try (PreparedEnvironment prepared = fixture.prepare(project("lib:1.0:compile"))) {
      assertThat(names(prepared)).containsExactly("lib-1.0.jar", "util-2.0.jar");
    }
  }

  @Test
  void jars_inTheRepositoryOfTheUser_areTakenFromThere_whichStaysAsItIs() throws Exception {
    Path own = fixture.home.resolve(".m2/repository");
    publish(own, "mine", "1.0");

    try (PreparedEnvironment prepared =
        fixture.prepare(project("mine:1.0:compile", "util:2.0:compile"))) {
      assertThat(names(prepared)).containsExactly("mine-1.0.jar", "util-2.0.jar");
    }
    assertThat(own.resolve("org/example/util")).doesNotExist();
  }

  @Test
  void parent_inTheCode_isRead() throws Exception {
    fixture.write(
        "pom.xml",
        pom(
            "parent",
            "1",
            "<packaging>pom</packaging><modules><module>jobs</module></modules><dependencyManagement>"
                + dependencies("lib:1.0:compile")
                + "</dependencyManagement>"));
    fixture.write(
        "jobs/pom.xml",
        """
        <project><modelVersion>4.0.0</modelVersion>
          <parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>1</version></parent>
          <artifactId>jobs</artifactId>
          <dependencies><dependency><groupId>org.example</groupId><artifactId>lib</artifactId></dependency></dependencies>
        </project>
        """);

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.MAVEN, "jobs/pom.xml"))) {
      assertThat(names(prepared)).containsExactly("lib-1.0.jar", "util-2.0.jar");
    }
    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml")))
        .isInstanceOf(PreparationException.class)
        .hasMessageStartingWith(
            "pom.xml has the modules jobs. Name the pom of the one that the job runs, such as Environment.maven(\"jobs/pom.xml\")");
  }

  @Test
  void jar_thatDoesNotExist_isAnErrorThatNamesIt() {
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(project("nothing:1.0:compile")))
        .withMessageStartingWith("The environment maven pom.xml could not be made: ")
        .withMessageContaining("org.example:nothing:jar:1.0")
        .withMessageEndingWith(
            "Modules of the same project are not built: install them in a repository first.")
        .satisfies(e -> assertThat(e.isOfThisNode()).isFalse());
  }

  @Test
  void pom_thatIsWrong_isAnErrorThatSaysWhere() {
    assertThatThrownBy(
            () -> fixture.prepare(travelling(EnvironmentKind.MAVEN, "pom.xml", "<project><x>")))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("the pom is no XML of Maven");
    assertThatThrownBy(() ->
            fixture.prepare(
                travelling(
                    EnvironmentKind.MAVEN,
                    "pom.xml",
                    pom(
                        "jobs",
                        "1",
                        "<dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId></dependency></dependencies>"))))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("'dependencies.dependency.version' for a:b:jar is missing");
  }

  @Test
  void snapshot_isRefused() throws IOException {
    publish(fixture.home.resolve(".m2/repository"), "changing", "1-SNAPSHOT");

    assertThatThrownBy(() -> fixture.prepare(project("changing:1-SNAPSHOT:compile")))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("org.example:changing:jar:1-SNAPSHOT")
        .hasMessageContaining("The content of a snapshot changes");
  }

  @Test
  void repository_thatDoesNotAnswer_isLeftAtTheTimeLimitOrAnInterrupt() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mirror("http://" + silent.getInetAddress().getHostAddress() + ":" + silent.getLocalPort());
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() ->
              fixture.prepare(Fixture.with(project("lib:1.0:compile"), "", Duration.ofSeconds(3))))
          .withMessageContaining(
              "was not ready within its time limit of 3 s, while resolving pom.xml")
          .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());

      Environments environments = fixture.environments();
      FutureTask<PreparedEnvironment> task =
          new FutureTask<>(
              () -> environments.prepare(project("util:2.0:compile"), null, Progress.NONE));
      Thread thread = Thread.ofPlatform().start(task);
      awaitRequestFor("util", silent);

      thread.interrupt();

      assertThatThrownBy(() -> task.get(1, TimeUnit.MINUTES))
          .hasCauseInstanceOf(InterruptedException.class);
      thread.join();
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(each -> each.getName().equals("grain-maven"));
    }
  }

  /** Takes requests, which are not answered, until there is one for an artifact. */
  private static void awaitRequestFor(String artifact, ServerSocket server) throws IOException {
    String request = "";
    while (!request.contains("/" + artifact + "/")) {
      Socket socket = server.accept();
      byte[] line = socket.getInputStream().readNBytes(60);
      request = new String(line, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }
}
