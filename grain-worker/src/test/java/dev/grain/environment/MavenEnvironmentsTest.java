package dev.grain.environment;

import static dev.grain.environment.Fixture.inCode;
import static dev.grain.environment.Fixture.travelling;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
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

  private static final String JOBS =
      """
      package com.acme;
      public class Jobs {
        public static String greet(String name) throws java.io.IOException {
          try (var in = Jobs.class.getResourceAsStream("/greeting.txt")) {
            return new String(in.readAllBytes()) + " " + name;
          }
        }
      }
      """;

  /** Calls a function of a project that was compiled. */
  private static String greet(PreparedEnvironment prepared) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (Path each : prepared.effects().classPath()) {
      urls.add(each.toUri().toURL());
    }
    try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), null)) {
      return (String)
          loader.loadClass("com.acme.Jobs").getMethod("greet", String.class).invoke(null, "you");
    }
  }

  @Test
  void sources_areCompiled_andResourcesAreCopied() throws Exception {
    fixture.write(
        "pom.xml",
        pom(
            "jobs",
            "7",
            "<properties><maven.compiler.release>17</maven.compiler.release><word>Hello</word></properties>"
                + "<build><resources><resource><directory>src/main/resources</directory><filtering>true</filtering>"
                + "<excludes><exclude>**/*.bak</exclude></excludes></resource></resources></build>"));
    fixture.write("src/main/java/com/acme/Jobs.java", JOBS);
    fixture.write("src/main/java/module-info.java", "module jobs { requires nothing.such; }");
    fixture.write("src/main/resources/greeting.txt", "${word} ${unknown} of @project.version@ to");
    fixture.write("src/main/resources/old/greeting.bak", "");
    fixture.write("src/test/java/com/acme/JobsTest.java", "no java");

    try (PreparedEnvironment prepared = fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml"))) {
      assertThat(greet(prepared)).isEqualTo("Hello ${unknown} of 7 to you");
      Path classes = prepared.effects().classPath().getFirst();
      assertThat(classes.resolve("old")).doesNotExist();
      // the major version of a class of Java 17
      assertThat(Files.readAllBytes(classes.resolve("com/acme/Jobs.class"))[7])
          .isEqualTo((byte) 61);
      assertThat(prepared.effects().variables().get("CLASSPATH")).startsWith(classes.toString());
    }
    fixture.write("src/main/resources/greeting.txt", "Bye");
    try (PreparedEnvironment prepared = fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml"))) {
      assertThat(greet(prepared)).isEqualTo("Bye you");
    }
  }

  @Test
  void sources_areCompiledWithWhatIsProvided_whichIsNotThereToRun() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("provided"));
    Files.writeString(
        sources.resolve("Provided.java"), "package org.example; public interface Provided {}");
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", sources.toString(), sources + "/Provided.java"))
        .isZero();
    publish(remote, "provided", "1.0");
    try (var jar =
        new ZipOutputStream(
            Files.newOutputStream(remote.resolve("org/example/provided/1.0/provided-1.0.jar")))) {
      jar.putNextEntry(new ZipEntry("org/example/Provided.class"));
      jar.write(Files.readAllBytes(sources.resolve("org/example/Provided.class")));
    }
    fixture.write("jobs/pom.xml", pom("jobs", "1", dependencies("provided:1.0:provided")));
    fixture.write(
        "jobs/src/main/java/com/acme/Jobs.java",
        JOBS.replace("class Jobs", "class Jobs implements org.example.Provided"));

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.MAVEN, "jobs/pom.xml"))) {
      assertThat(names(prepared)).containsExactly("classes");
      assertThat(prepared.effects().classPath().getFirst().resolve("com/acme/Jobs.class")).exists();
    }
  }

  @Test
  void sources_inAnotherFolder_andForAnAnnotationProcessor_areCompiled() throws Exception {
    fixture.write(
        "pom.xml",
        pom(
            "jobs",
            "1",
            "<build><sourceDirectory>${project.basedir}/java</sourceDirectory><plugins><plugin><artifactId>maven-compiler-plugin</artifactId>"
                + "<configuration><annotationProcessorPaths><path><groupId>org.example</groupId><artifactId>processor</artifactId><version>1.0</version></path></annotationProcessorPaths>"
                + "<compilerArgs><arg>-Werror</arg><arg>-Xlint:all</arg><arg>-parameters</arg></compilerArgs></configuration></plugin></plugins></build>"));
    fixture.write("java/com/acme/Jobs.java", JOBS);

    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml")))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("org.example:processor:jar:1.0");
    publish(remote, "processor", "1.0");
    try (var jar =
        new ZipOutputStream(
            Files.newOutputStream(remote.resolve("org/example/processor/1.0/processor-1.0.jar")))) {
      jar.putNextEntry(new ZipEntry("nothing"));
    }
    fixture.write(
        "java/com/acme/Other.java", "package com.acme; class Other { java.util.List raw; }");
    try (PreparedEnvironment prepared = fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml"))) {
      Path classes = prepared.effects().classPath().getFirst();
      // the names of parameters are in it
      assertThat(new String(Files.readAllBytes(classes.resolve("com/acme/Jobs.class")), ISO_8859_1))
          .contains("MethodParameters");
    }
  }

  @Test
  void sources_thatDoNotCompile_areAnErrorOfTheCompiler() throws Exception {
    fixture.write("pom.xml", pom("jobs", "1", ""));
    fixture.write(
        "src/main/java/com/acme/Jobs.java", "package com.acme; class Jobs { Missing x; }");
    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.MAVEN, "pom.xml")))
        .isInstanceOf(PreparationException.class)
        .hasMessageStartingWith("The environment maven pom.xml could not be made: ")
        .hasMessageContaining("javac")
        .hasMessageContaining("Jobs.java:1: error: cannot find symbol");
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
      request = new String(line, ISO_8859_1);
    }
  }
}
