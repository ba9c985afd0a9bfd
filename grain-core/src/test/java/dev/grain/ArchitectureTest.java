package dev.grain;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Wording;
import java.io.IOException;
import java.io.Serializable;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the packages to the table in {@code docs/architecture.md}, and the simulated ones to being
 * reproducible. That no public signature shows a hidden type is checked by javac, with its lint
 * {@code exports}.
 */
final class ArchitectureTest {
  private static final Path CLASS_FOLDER = Path.of("target/classes");
  private static final Path SOURCE_FOLDER = Path.of("src/main/java");
  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(CLASS_FOLDER);

  private static final Pattern STRUCTURED_TASK_SCOPE =
      Pattern.compile("java[./]util[./]concurrent[./]StructuredTaskScope");

  private static final Pattern ITERATION =
      Pattern.compile("keySet|values|entrySet|replaceAll|keys|elements|(forEach|search|reduce).*");

  private static final String CONSTRUCTOR = "<init>";

  /**
   * What the simulation runs, on a loop and a clock of its own. Not among it: {@code NettyLoop},
   * which is the real loop, and {@code Resolver}, which looks names up in a thread, as Java can
   * only block for them.
   */
  private static final DescribedPredicate<JavaClass> SIMULATED =
      resideInAnyPackage(
              "dev.grain.schedule",
              "dev.grain.head",
              "dev.grain.node",
              "dev.grain.node.link",
              "dev.grain.message",
              "dev.grain.session",
              "dev.grain.wire")
          .and(not(ofClassOrNestedIn("dev.grain.loop.NettyLoop")))
          .and(not(ofClassOrNestedIn("dev.grain.wire.Resolver")))
          .and(not(ofClassOrNestedIn("dev.grain.key.ClusterKey")))
          .as("are run by the simulation");

  private static List<Rooms.Room> rooms() throws IOException {
    return Rooms.read().all();
  }

  @Test
  void everyPackage_hasARow_andEveryRowAPackage() throws IOException {
    assertThat(PackageReferences.of(CLASS_FOLDER).packages())
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(Rooms.read().names());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rooms")
  void package_uses_exactlyWhatItsRowLists(Rooms.Room room) throws IOException {
    Set<String> used = Rooms.named(PackageReferences.of(CLASS_FOLDER).of(room.name()));
    if (!room.free()) {
      assertThat(used).containsExactlyInAnyOrderElementsOf(room.uses());
    }
    assertThat(used).doesNotContainAnyElementsOf(Rooms.read().notBelow(room));
  }

  @Test
  void exportedPackages_areThoseOfTheTable() throws IOException {
    ModuleDescriptor module =
        ModuleFinder.of(CLASS_FOLDER).find("dev.grain").orElseThrow().descriptor();
    assertThat(module.exports())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactlyInAnyOrderElementsOf(
            rooms().stream()
                .filter(Rooms.Room::exported)
                .map(Rooms.Room::name)
                .filter(name -> !name.equals(PackageReferences.TYPES))
                .toList());
  }

  @Test
  void everyPackage_saysWhatItOwns() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCE_FOLDER)) {
      List<Path> packages =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .filter(folder -> !folder.equals(SOURCE_FOLDER))
              .distinct()
              .toList();
      assertThat(packages)
          .isNotEmpty()
          .filteredOn(folder -> Files.notExists(folder.resolve("package-info.java")))
          .isEmpty();
    }
  }

  @Test
  void structuredTaskScope_isNamed_inScopeOnly() throws IOException {
    Path scope = CLASS_FOLDER.resolve("dev/grain/scope");
    try (Stream<Path> files = Files.walk(CLASS_FOLDER)) {
      assertThat(files.filter(file -> file.toString().endsWith(".class")))
          .filteredOn(file -> !file.startsWith(scope))
          .noneMatch(file -> names(file, STRUCTURED_TASK_SCOPE));
    }
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.concurrent\\.StructuredTaskScope.*")
        .because("a class that refers to a preview type runs on one JDK release only")
        .check(CLASSES);
  }

  @Test
  void simulated_readsNoClock() {
    forbid(
        "a clock: ask the loop for the time",
        calls(System.class, "nanoTime", "currentTimeMillis")
            .or(access -> isIn(access, "java.time") && access.getName().equals("now"))
            .or(calls(Clock.class)));
  }

  @Test
  void simulated_drawsNoRandomNumber() {
    forbid(
        "a random number: take a seeded generator, or its seed, as an argument",
        calls(Math.class, "random")
            .or(calls(StrictMath.class, "random"))
            .or(calls(UUID.class, "randomUUID"))
            .or(calls(System.class, "identityHashCode"))
            .or(calls(Collections.class, "shuffle"))
            .or(calls(RandomGenerator.class, "getDefault", "of"))
            .or(calls(SplittableRandom.class, CONSTRUCTOR).and(access -> !takesArgument(access)))
            .or(callsInherited(Random.class, CONSTRUCTOR, "current")));
  }

  @Test
  void simulated_startsNoThread() {
    forbid(
        "a thread: post to the loop",
        callsInherited(Thread.class, CONSTRUCTOR, "start", "startVirtualThread", "sleep")
            .or(calls(Thread.class, "ofVirtual", "ofPlatform"))
            .or(calls(Executors.class))
            .or(callsInherited(Executor.class, CONSTRUCTOR))
            .or(calls(Timer.class, CONSTRUCTOR))
            .or(calls(CompletableFuture.class).and(access -> access.getName().endsWith("Async")))
            .or(access -> isIn(access, "java.util") && access.getName().equals("parallelStream"))
            .or(access -> isIn(access, "java.util.stream") && access.getName().equals("parallel")));
  }

  @Test
  void simulated_iteratesOverNothingUnordered() {
    Predicate<JavaAccess<?>> unorderedMap =
        calls(Map.class)
            .or(calls(HashMap.class))
            .or(calls(ConcurrentMap.class))
            .or(calls(ConcurrentHashMap.class))
            .or(calls(IdentityHashMap.class))
            .or(calls(WeakHashMap.class));
    forbid(
        "the order of a hash table: declare a SequencedMap, a SequencedSet or a list",
        unorderedMap
            .and(access -> ITERATION.matcher(access.getName()).matches())
            .or(calls(HashSet.class))
            .or(calls(Set.class, "of", "copyOf"))
            .or(calls(Collectors.class, "toSet", "toUnmodifiableSet"))
            .or(calls(ConcurrentHashMap.class, "newKeySet"))
            .or(calls(Collections.class, "newSetFromMap")));
  }

  @Test
  void schedule_doesNoInputOrOutput() {
    noClasses()
        .that(resideInAPackage("dev.grain.schedule"))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.io", "java.nio..", "java.net..")
                .and(not(belongToAnyOf(Serializable.class)))
                .or(belongToAnyOf(System.Logger.class)))
        .check(CLASSES);
  }

  @Test
  void scheduleAndHead_findFacts_andMakeNoSentences() {
    noClasses()
        .that(resideInAnyPackage("dev.grain.schedule", "dev.grain.head"))
        .should()
        .dependOnClassesThat(belongToAnyOf(Sentences.class, Wording.class))
        .because("what they find is handed on as data, for whoever shows it to people")
        .check(CLASSES);
  }

  private static void forbid(String what, Predicate<JavaAccess<?>> access) {
    noClasses()
        .that(SIMULATED)
        .should()
        .accessTargetWhere(describe("it is " + what, access))
        .check(CLASSES);
  }

  /** Matches calls of and references to these methods of a class, or to any if none is named. */
  private static Predicate<JavaAccess<?>> calls(Class<?> owner, String... names) {
    return access -> access.getTargetOwner().isEquivalentTo(owner) && isNamed(access, names);
  }

  private static Predicate<JavaAccess<?>> callsInherited(Class<?> owner, String... names) {
    return access -> access.getTargetOwner().isAssignableTo(owner) && isNamed(access, names);
  }

  private static boolean takesArgument(JavaAccess<?> access) {
    return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget unit
        && !unit.getRawParameterTypes().isEmpty();
  }

  private static boolean isNamed(JavaAccess<?> access, String... names) {
    return names.length == 0 || List.of(names).contains(access.getName());
  }

  private static boolean isIn(JavaAccess<?> access, String name) {
    return access.getTargetOwner().getPackageName().equals(name);
  }

  private static DescribedPredicate<JavaClass> ofClassOrNestedIn(String name) {
    return describe(
        "of " + name, type -> type.getName().equals(name) || type.getName().startsWith(name + "$"));
  }

  private static boolean names(Path classFile, Pattern name) {
    try {
      for (PoolEntry entry : ClassFile.of().parse(classFile).constantPool()) {
        if (entry instanceof Utf8Entry text && name.matcher(text.stringValue()).find()) {
          return true;
        }
      }
      return false;
    } catch (IOException unreadable) {
      throw new AssertionError("cannot read " + classFile, unreadable);
    }
  }
}
