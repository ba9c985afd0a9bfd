package dev.grain.minion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines in folders of extensions: found there, and loaded apart from each other. */
final class ExtensionsTest {
  private static final String PROVIDER =
      """
      package dev.grain.SCHEME;
      import dev.grain.minion.*;
      import java.util.Iterator;
      import java.util.function.Consumer;
      public final class Provider implements QueueProvider {
        public String scheme() { return "SCHEME"; }
        public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
          throw new QueueException(vendor.Client.VERSION.toString());
        }
        public void create(QueueAddress address, QueueSettings settings) {}
        public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items) { return 0; }
        public QueueStats stat(QueueAddress address, QueueSettings settings) { return null; }
        public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver) {}
        public long requeue(QueueAddress address, QueueSettings settings) { return 0; }
        public void purge(QueueAddress address, QueueSettings settings) {}
      }
      """;
  private static final String CLIENT =
      """
      package vendor;
      public final class Client { public static final StringBuilder VERSION = new StringBuilder("version NUMBER"); }
      """;

  @TempDir Path folder;

  @AfterEach
  void forgetFolder() {
    System.clearProperty("grain.extensions");
  }

  /** Makes an extension whose queues tell the version of the library that it brings. */
  private void extension(String scheme, String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve("ext").resolve(scheme));
    Path classes = Files.createDirectories(folder.resolve("classes-" + scheme));
    Path provider = folder.resolve(scheme).resolve("Provider.java");
    Path client = folder.resolve(scheme).resolve("Client.java");
    Files.createDirectories(provider.getParent());
    Files.writeString(provider, PROVIDER.replace("SCHEME", scheme));
    Files.writeString(client, CLIENT.replace("NUMBER", version));
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                provider.toString(),
                client.toString());
    assertThat(code).isZero();
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("dev.grain.minion.QueueProvider"), "dev.grain." + scheme + ".Provider\n");
    jar(home.resolve(scheme + ".jar"), classes);
  }

  private static void jar(Path file, Path classes) throws IOException {
    List<Path> parts = new ArrayList<>();
    try (Stream<Path> all = Files.walk(classes)) {
      all.filter(Files::isRegularFile).forEach(parts::add);
    }
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Path part : parts) {
        jar.putNextEntry(new JarEntry(classes.relativize(part).toString()));
        Files.copy(part, jar);
        jar.closeEntry();
      }
    }
  }

  private static void open(String address) throws QueueException {
    QueueAddress parsed = QueueAddress.parse(address);
    Queues.of(parsed).open(parsed, QueueSettings.DEFAULTS).close();
  }

  @Test
  void extensions_withOtherVersionsOfOneLibrary_doNotMeet() throws Exception {
    extension("first", "1");
    extension("second", "2");
    System.setProperty("grain.extensions", folder.resolve("ext").toString());
    assertThatThrownBy(() -> open("first:x"))
        .isInstanceOf(QueueException.class)
        .hasMessageStartingWith("version 1");
    assertThatThrownBy(() -> open("second:x"))
        .isInstanceOf(QueueException.class)
        .hasMessageStartingWith("version 2");
  }

  @Test
  void extension_isUsedBesideThoseOfTheClassPath() throws Exception {
    extension("third", "1");
    System.setProperty("grain.extensions", folder.resolve("ext").toString());
    assertThatThrownBy(() -> Queues.of(QueueAddress.parse("thrid:x")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("did you mean 'third'?")
        .hasMessageContaining("file");
  }

  @Test
  void missingExtension_isNamed() {
    System.setProperty("grain.extensions", folder.resolve("none").toString());
    assertThatThrownBy(() -> Queues.of(QueueAddress.parse("kafka://broker/topic")))
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "The queue kafka://broker/topic needs the artifact dev.grain:grain-kafka, which is not"
                + " here. Add it to the dependencies of the program, or put it with its libraries"
                + " into ext/kafka of Grain.");
  }

  @Test
  void brokenExtension_isNamed() throws Exception {
    extension("fourth", "1");
    Path home = folder.resolve("ext/fourth");
    Path services = Files.createDirectories(folder.resolve("broken/META-INF/services"));
    Files.writeString(services.resolve("dev.grain.minion.QueueProvider"), "dev.grain.Missing\n");
    jar(home.resolve("fourth.jar"), folder.resolve("broken"));
    System.setProperty("grain.extensions", folder.resolve("ext").toString());
    assertThatThrownBy(() -> Queues.of(QueueAddress.parse("fourth:x")))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining(home.toString())
        .hasMessageContaining("dev.grain.Missing");
  }
}
