package dev.grain.shipping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.EncodingException;
import dev.grain.Warnings;
import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.CodeStore.LoadedCode;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.code.bundle.MissingClassException;
import dev.grain.function.Fn0;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlesTest {
  private static final String ONE = "public static Fn0<String> f() { return () -> \"one\"; }";

  @TempDir Path folder;

  private CodeStore store() {
    return new CodeStore(folder.resolve("cache"), 1 << 30);
  }

  private UserProgram program(String members) throws Exception {
    return UserProgram.of(folder.resolve("program"), members);
  }

  private static Path compile(Path target, String name, String source, Path... classPath)
      throws Exception {
    Path file = target.resolveSibling(target.getFileName() + "-source/" + name + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    List<Path> path = new ArrayList<>(List.of(classPath));
    path.add(Building.grain());
    return Building.compile(target, path, file);
  }

  // ---- ids

  @Test
  void bundle_ofTheSameFiles_hasTheSameIdWheneverItIsFound() throws Exception {
    Path classes = UserProgram.compile(folder.resolve("program"), ONE);
    try (UserProgram first = new UserProgram(classes);
        UserProgram second = new UserProgram(classes)) {
      Bytes id = first.encode("f").bundle();
      assertThat(id.length()).isEqualTo(32);
      assertThat(second.encode("f").bundle()).isEqualTo(id);
      Files.writeString(classes.resolve("more.txt"), "more");
      assertThat(first.encode("f").bundle()).as("found once").isEqualTo(id);
      try (UserProgram third = new UserProgram(classes)) {
        assertThat(third.encode("f").bundle()).isNotEqualTo(id);
      }
    }
  }

  @Test
  void call_encodedWithoutBundles_namesNone() {
    Codec code = new Codec(BundlesTest.class.getClassLoader());
    Fn0<String> function = () -> "x";
    assertThat(code.encode(function, new Object[0], 1 << 20).bundle()).isEqualTo(Bytes.empty());
  }

  @Test
  void jarsOfAManifest_andWhatIsMissing_areFoundAsByTheJvm() throws Exception {
    Path library = Building.library(folder);
    Path classes =
        compile(
            folder.resolve("classes"),
            "acme/Functions",
            "package acme; import dev.grain.function.*; public final class Functions {"
                + " public static Fn0<String> f() { return () -> lib.Words.resource(); } }",
            library);
    Manifest manifest = new Manifest();
    manifest
        .getMainAttributes()
        .put(Attributes.Name.CLASS_PATH, "gone.jar " + library.getFileName() + " http://x/y.jar");
    Path jar = Building.jar(folder.resolve("main.jar"), manifest, List.of(classes));
    Path noJar = Files.writeString(folder.resolve("text.jar"), "no jar");
    try (UserProgram program = new UserProgram(folder.resolve("nothing"), noJar, jar)) {
      assertThat(program.call(store(), "f")).isEqualTo("words of a library");
    }
  }

  @Test
  void folderWithinAJar_isSentWithItsResources() throws Exception {
    Path classes =
        UserProgram.compile(
            folder.resolve("parts/code"),
            "public static Fn0<String> f() { return () -> new String("
                + "Functions.class.getResourceAsStream(\"/a+b c.txt\").readAllBytes()); }");
    Files.writeString(classes.resolve("a+b c.txt"), "text");
    Path jar =
        Building.jar(folder.resolve("a+b c.jar"), new Manifest(), List.of(classes.getParent()));
    URL within = URI.create("jar:" + jar.toUri() + "!/code/").toURL();
    URL nothing = URI.create("jar:" + jar.toUri() + "!/nothing/").toURL();
    try (UserProgram program = new UserProgram(new URL[] {nothing, within})) {
      assertThat(program.call(store(), "f")).isEqualTo("text");
    }
  }

  @Test
  void folderWithinAJarThatChanged_isNotSent() throws Exception {
    Path classes = UserProgram.compile(folder.resolve("parts/code"), ONE);
    Path jar = Building.jar(folder.resolve("a.jar"), new Manifest(), List.of(classes.getParent()));
    URL within = URI.create("jar:" + jar.toUri() + "!/code/").toURL();
    try (UserProgram program = new UserProgram(new URL[] {within})) {
      Bytes id = program.encode("f").bundle();
      Building.jar(jar, new Manifest(), List.of(folder.resolve("parts/code-source")));
      assertThatThrownBy(() -> store().load(id, program))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("The class path entry " + jar + "!/code has changed since");
    }
  }

  @Test
  void loadersWithResourcesOfUnknownOrigin_areNamedOnce() throws Exception {
    URL remote = URI.create("http://localhost/more.jar").toURL();
    try (Warnings warnings = new Warnings(Bundles.class);
        URLClassLoader urls = new URLClassLoader(new URL[] {remote})) {
      ClassLoader loader = new OwnResources(new ClassLoader(urls) {});
      new Bundles(loader, _ -> false).prepare();
      new Bundles(loader, _ -> false).prepare();
      String text =
          "Jobs on other workers do not find the resources of %s: only jars and folders on the"
              + " disk, and those within such a jar, are sent. Put the resources into a jar or"
              + " folder of the class path.";
      assertThat(warnings.texts())
          .containsExactly(
              text.formatted("http://localhost/more.jar"),
              text.formatted("the class loader " + OwnResources.class.getName()));
    }
  }

  /** Has no class, and may have resources. */
  private static final class OwnResources extends ClassLoader {
    OwnResources(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected @Nullable URL findResource(String name) {
      return null;
    }
  }

  // ---- contents

  @Test
  void fileThatChanged_isNotSent() throws Exception {
    Path classes = UserProgram.compile(folder.resolve("program"), ONE);
    Path jar = Building.jar(folder.resolve("main.jar"), new Manifest(), List.of(classes));
    try (UserProgram program = new UserProgram(jar)) {
      Bytes id = program.encode("f").bundle();
      Building.jar(jar, new Manifest(), List.of(classes, classes.resolveSibling("program-source")));
      assertThatThrownBy(() -> store().load(id, program))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "The class path entry " + jar.toRealPath() + " has changed since");
      Files.delete(jar);
      assertThatThrownBy(() -> store().load(id, program))
          .isInstanceOf(IOException.class)
          .hasMessage("The class path entry " + jar + " cannot be read: NoSuchFileException");
    }
  }

  @Test
  void folderThatChanged_isSentAsItWas() throws Exception {
    Path classes = UserProgram.compile(folder.resolve("program"), ONE);
    Path log = Files.writeString(classes.resolve("run.log"), "begun\n");
    try (UserProgram program = new UserProgram(classes)) {
      Codec.EncodedCall call = program.encode("f");
      Files.writeString(log, "begun\nand gone on\n");
      try (LoadedCode loaded = store().load(call.bundle(), program);
          InputStream sent = loaded.code().loader().getResourceAsStream("run.log")) {
        assertThat(sent).hasContent("begun\n");
      }
    }
  }

  @Test
  void folderWithALinkToAFolderAboveIt_failsTheCallAndNamesTheLink() throws Exception {
    Path classes = UserProgram.compile(folder.resolve("program"), ONE);
    Files.createSymbolicLink(classes.resolve("loop"), classes);
    try (UserProgram program = new UserProgram(classes)) {
      assertThatThrownBy(() -> program.encode("f"))
          .isInstanceOf(EncodingException.class)
          .hasMessage(
              "The class path entry %s cannot be read: it has a link that leads back to a folder"
                      .formatted(classes)
                  + " above it: %s; remove the link".formatted(classes.resolve("loop")));
    }
  }

  @Test
  void contentThatWasNotNamed_isNotThere() throws Exception {
    try (UserProgram program = program(ONE)) {
      assertThatThrownBy(() -> program.bundles().content(Bytes.of(new byte[32])))
          .isInstanceOf(IOException.class)
          .hasMessage("The program has no code with the hash " + "00".repeat(32));
    }
  }

  // ---- classes without files

  @Test
  void classMadeWhileTheProgramRan_isRefusedByName() throws Exception {
    Path classes =
        compile(
            folder.resolve("made"),
            "dev/grain/shipping/Made",
            "package dev.grain.shipping; public final class Made implements"
                + " dev.grain.function.Fn0<String> {"
                + " public String apply() { return \"made\"; } }");
    byte[] bytes = Files.readAllBytes(classes.resolve("dev/grain/shipping/Made.class"));
    Class<?> made = MethodHandles.lookup().defineClass(bytes);
    try (UserProgram program = program(ONE)) {
      Serializable function = (Serializable) made.getDeclaredConstructor().newInstance();
      assertThatThrownBy(() -> program.code().encode(function, new Object[0], 1 << 20))
          .isInstanceOf(EncodingException.class)
          .hasMessageStartingWith(
              "The class dev.grain.shipping.Made cannot be sent: it was made by")
          .hasMessageEndingWith("its loader does not give its bytes");
    }
  }

  @Test
  void valuesOfClassesWithoutFiles_bringThem() throws Exception {
    Path values =
        compile(
            folder.resolve("values"),
            "loose/Value",
            "package loose; public record Value(int n, Other other) {"
                + " public Value() { this(1, new Other()); }"
                + " public String toString() { return \"value \" + n + other; } }"
                + " class Other { public String toString() { return \" other\"; } }");
    Path classes =
        UserProgram.compile(
            folder.resolve("program"),
            "public static Fn1<Object, String> f() { return x -> x.toString(); }");
    try (UserProgram program = new UserProgram(classes)) {
      Bytes plain = program.encode("f", "text").bundle();
      ClassLoader memory = new BytesLoader(values, program.loader());
      Object value = memory.loadClass("loose.Value").getDeclaredConstructor().newInstance();
      Object inside = List.of(value, Optional.of(value));
      assertThat(program.encode("f", inside).bundle()).isNotEqualTo(plain);
      assertThat(program.call(store(), "f", inside))
          .isEqualTo("[value 1 other, Optional[value 1 other]]");
      assertThat(program.encode("f", "text").bundle()).isEqualTo(plain);
    }
  }

  /** Finds classes in a folder, without their files. */
  private static final class BytesLoader extends ClassLoader {
    private final Path folder;

    BytesLoader(Path folder, ClassLoader parent) {
      super(parent);
      this.folder = folder;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try {
        byte[] bytes = Files.readAllBytes(folder.resolve(name.replace('.', '/') + ".class"));
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    @Override
    protected URL findResource(String name) {
      Path file = folder.resolve(name);
      if (Files.notExists(file)) {
        return null;
      }
      try {
        URLStreamHandler handler =
            new URLStreamHandler() {
              @Override
              protected URLConnection openConnection(URL url) throws IOException {
                return file.toUri().toURL().openConnection();
              }
            };
        return URL.of(URI.create("memory:/" + name), handler);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  // ---- the loader

  @Test
  void classThatIsNowhere_isNamedWithTheBundleAndWhereItWasLookedFor() throws Exception {
    Path gone = compile(folder.resolve("gone"), "acme/Gone", "package acme; public class Gone {}");
    Path classes =
        compile(
            folder.resolve("program"),
            "acme/Functions",
            "package acme; import dev.grain.function.*; public final class Functions {"
                + " public static Fn0<String> f() { return () -> \"\" + new Gone(); } }",
            gone);
    try (UserProgram program = new UserProgram(classes)) {
      String id =
          java.util.HexFormat.of()
              .formatHex(program.encode("f").bundle().stream().readAllBytes())
              .substring(0, 8);
      assertThatThrownBy(() -> program.call(store(), "f"))
          .isInstanceOf(NoClassDefFoundError.class)
          .cause()
          .isInstanceOf(MissingClassException.class)
          .hasMessageStartingWith("The class acme.Gone is not in the bundle " + id + ", which has")
          .hasMessageEndingWith("add it to the program's class path");
    }
    try (UserProgram program = new UserProgram(classes, gone);
        UserProgram without = new UserProgram(classes)) {
      Object value = program.loader().loadClass("acme.Gone").getDeclaredConstructor().newInstance();
      Bytes encoded = program.code().encodeValue(value, 1 << 20);
      try (var loaded = store().load(without.encode("f").bundle(), without)) {
        assertThatThrownBy(() -> loaded.code().decodeValue(encoded))
            .isInstanceOf(EncodingException.class)
            .hasMessageContaining(
                "result (acme.Gone) cannot be decoded: The class acme.Gone is not");
      }
    }
  }

  @Test
  void librariesThatTheWorkerHasAsWell_areTheProgramsOwn() throws Exception {
    String members =
        "public static Fn0<Boolean> netty() throws Exception { return () ->"
            + " Functions.class.getClassLoader()"
            + " == Class.forName(\"io.netty.buffer.ByteBuf\").getClassLoader(); }"
            + "public static Fn0<Boolean> grain() { return () ->"
            + " Functions.class.getClassLoader() == Fn0.class.getClassLoader(); }";
    try (UserProgram program = program(members)) {
      CodeStore store = store();
      assertThat(program.call(store, "netty")).isEqualTo(true);
      assertThat(program.asked()).as("the worker has the same jars").hasSizeLessThan(5);
      assertThat(program.call(store, "grain")).isEqualTo(false);
    }
  }
}
