package dev.grain.code;

import static dev.grain.code.Coding.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.EncodingException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's program in a module of its own. */
class ClosedModuleTest {
  private static Object valueOf(Path folder, String moduleSource) throws Exception {
    Path module = Files.writeString(folder.resolve("module-info.java"), moduleSource);
    Path source =
        Files.writeString(
            Files.createDirectories(folder.resolve("closed")).resolve("Value.java"),
            "package closed; public class Value { private int number = 5;"
                + " public String toString() { return \"\" + number; } }");
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), module.toString(), source.toString());
    assertThat(result).isZero();
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(ModuleFinder.of(folder), ModuleFinder.of(), Set.of("user"));
    ClassLoader loader =
        boot.defineModulesWithOneLoader(configuration, ClassLoader.getSystemClassLoader())
            .findLoader("user");
    return loader.loadClass("closed.Value").getConstructor().newInstance();
  }

  @Test
  void classOfClosedPackage_isRefusedWithTheLineToAdd(@TempDir Path folder) throws Exception {
    Object value = valueOf(folder, "module user { exports closed; }");
    Codec code = new Codec(value.getClass().getClassLoader());
    assertThatThrownBy(() -> code.encodeValue(List.of(value), LIMIT))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("[0] (closed.Value) cannot be encoded: module user does not open")
        .hasMessageContaining("`opens closed");
  }

  @Test
  void classOfOpenPackage_arrives(@TempDir Path folder) throws Exception {
    Object value = valueOf(folder, "module user { exports closed; opens closed; }");
    Codec code = new Codec(value.getClass().getClassLoader());
    assertThat(code.decodeValue(code.encodeValue(value, LIMIT))).hasToString("5");
  }
}
