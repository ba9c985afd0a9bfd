package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JVM has in its environment reaches the processes that it starts, byte for byte. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class InheritedEnvironmentTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void variable_thatIsNoText_isInheritedAsItIs(boolean nativeAccess) throws Exception {
    List<String> words = new ArrayList<>();
    // the byte is no letter in UTF-8, nor in the charset of a JVM without a locale
    words.addAll(List.of("sh", "-c", "ODD=$(printf 'K\\377ln') PLAIN=1 GONE=1 exec \"$0\" \"$@\""));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (nativeAccess) {
      words.add("--enable-native-access=ALL-UNNAMED");
    }
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    words.add(folder.toString());
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(folder.resolve("log")))
        .isEqualTo("native " + nativeAccess + "\nended with 0\n");
    assertThat(Files.readString(folder.resolve("err"))).isEmpty();
    byte[] expected = {'K', (byte) 0xff, 'l', 'n', ' ', '2', ' ', 'n', 'e', 'w', ' ', '\n'};
    assertThat(Files.readAllBytes(folder.resolve("out"))).isEqualTo(expected);
  }

  static final class Program {
    private Program() {}

    static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      System.out.println("native " + LinuxCalls.areAvailable());
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment.put("PLAIN", "2");
      environment.put("NEW", "new");
      environment.remove("GONE");
      try (Children children = Children.open()) {
        Child child =
            children.start(
                new Launch(
                    List.of("/bin/sh", "-c", "printf '%s ' \"$ODD\" $PLAIN $NEW $GONE; echo"),
                    environment,
                    folder,
                    Path.of("/dev/null"),
                    new Launch.Output(folder.resolve("out"), true),
                    new Launch.Output(folder.resolve("err"), true)));
        children.watch(child);
        while (child.isAlive()) {
          children.await(TimeUnit.MINUTES.toNanos(1));
        }
        System.out.println("ended with " + child.exitCode());
      }
    }
  }
}
