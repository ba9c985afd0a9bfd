package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project in {@code docs/examples/first-project}, which people copy. */
final class FirstProjectTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PROJECT = ROOT.resolve("docs/examples/first-project");

  @TempDir private Path folder;

  @Test
  void test_ofTheProject_passesOnTwoWorkers() throws Exception {
    compile();
    URL[] classes = {folder.toUri().toURL()};
    Thread current = Thread.currentThread();
    ClassLoader former = current.getContextClassLoader();
    try (var loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      current.setContextClassLoader(loader);
      Class<?> test = loader.loadClass("squares.SquaresTest");
      Constructor<?> constructor = test.getDeclaredConstructor();
      constructor.setAccessible(true);
      Method method = test.getDeclaredMethod("all_onTwoWorkers");
      method.setAccessible(true);
      assertThat(method.isAnnotationPresent(Test.class)).isTrue();
      method.invoke(constructor.newInstance());
    } finally {
      current.setContextClassLoader(former);
    }
  }

  private void compile() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(PROJECT)) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    List<String> options =
        List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    List<Object> complaints = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  manager,
                  complaints::add,
                  options,
                  null,
                  manager.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as("%s", complaints).isTrue();
    }
  }

  @Test
  void pom_namesTheVersionsOfThisBuild() throws IOException {
    String own = Files.readString(ROOT.resolve("pom.xml"));
    String pom = Files.readString(PROJECT.resolve("pom.xml"));

    assertThat(first(pom, "<grain.version>(.+)</grain.version>"))
        .isEqualTo(first(own, "<artifactId>grain</artifactId>\\s+<version>(.+)</version>"));
    assertThat(first(pom, "<artifactId>junit-jupiter</artifactId>\\s+<version>(.+)</version>"))
        .isEqualTo(first(own, "<junit.version>(.+)</junit.version>"));
    for (String plugin : List.of("maven-compiler-plugin", "maven-surefire-plugin")) {
      String version = "<artifactId>" + plugin + "</artifactId>\\s+<version>(.+)</version>";
      assertThat(first(pom, version)).isEqualTo(first(own, version));
    }
  }

  private static String first(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  @Test
  void page_showsTheTestOfTheProject() throws IOException {
    String test = Files.readString(PROJECT.resolve("src/test/java/squares/SquaresTest.java"));
    String shown =
        test.substring(test.indexOf("  @Test"), test.lastIndexOf("}"))
            .stripTrailing()
            .stripIndent();

    assertThat(Files.readString(ROOT.resolve("docs/testing.md"))).contains(shown);
    assertThat(test.lines()).hasSizeLessThan(20);
  }
}
