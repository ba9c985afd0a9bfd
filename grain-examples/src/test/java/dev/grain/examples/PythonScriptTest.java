package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonScriptTest {
  @TempDir private Path folder;

  @BeforeEach
  void assumePython() throws Exception {
    boolean there;
    try {
      Process python =
          new ProcessBuilder("python3", "-c", "import ensurepip, venv")
              .redirectErrorStream(true)
              .start();
      python.getInputStream().readAllBytes();
      there = python.waitFor() == 0;
    } catch (IOException missing) {
      there = false;
    }
    Assumptions.assumeTrue(there, "needs python3 with venv and ensurepip");
  }

  @Test
  void main_withoutArguments_estimatesPiForEachSeed() {
    assertThat(Program.run(PythonScript.class))
        .containsExactly(
            "seed 1: 3.13784",
            "seed 2: 3.14364",
            "seed 3: 3.13472",
            "seed 4: 3.14124",
            "seed 5: 3.14024");
  }

  @Test
  void main_withAScriptAndItsRequirements_runsItWithThese() throws IOException {
    writePackage("greeting", "1.0", "def of(seed):\n    return 'hello ' + seed\n");
    Path script =
        Files.writeString(
            folder.resolve("greet.py"), "import greeting, sys\nprint(greeting.of(sys.argv[1]))\n");
    Path requirements =
        Files.writeString(
            folder.resolve("requirements.txt"),
            "--no-index\n--find-links " + folder + "\ngreeting==1.0\n");

    assertThat(Program.run(PythonScript.class, script.toString(), requirements.toString()))
        .containsExactly(
            "seed 1: hello 1",
            "seed 2: hello 2",
            "seed 3: hello 3",
            "seed 4: hello 4",
            "seed 5: hello 5");
  }

  /** Writes a package for pip with one module. */
  private void writePackage(String name, String version, String module) throws IOException {
    String info = name + "-" + version + ".dist-info/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put(name + ".py", module);
    files.put(
        info + "METADATA",
        "Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(name, version));
    files.put(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(info + "RECORD", String.join(",,\n", files.keySet()) + ",,\n" + info + "RECORD,,\n");
    Path wheel = folder.resolve(name + "-" + version + "-py3-none-any.whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> each : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(each.getKey()));
        zip.write(each.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
