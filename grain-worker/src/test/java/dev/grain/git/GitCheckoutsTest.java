package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkouts of repositories on the same machine. */
final class GitCheckoutsTest {
  private static final long MUCH = 1L << 40;

  @TempDir private Path scratch;
  private TestRepository repository;
  private Path cache;
  private GitCheckouts checkouts;

  @BeforeEach
  void make() throws IOException {
    repository = TestRepository.init(scratch.resolve("repository"));
    cache = scratch.resolve("cache");
    checkouts = checkouts(MUCH);
  }

  private GitCheckouts checkouts(long mostBytes) {
    return new GitCheckouts(
        cache, mostBytes, new GitSettings(Duration.ofSeconds(20), scratch.resolve("home"), null));
  }

  private Prepared prepare(String commit, String path)
      throws PreparationException, InterruptedException {
    return checkouts.prepare(
        new GitSource(repository.url(), commit, path), Logins.NONE, Progress.NONE);
  }

  private void assertFails(ThrowingCallable call, boolean ofThisNode, String... texts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PreparationException.class,
            e -> assertThat(e.isOfThisNode()).as(e.toString()).isEqualTo(ofThisNode))
        .hasMessageContainingAll(texts)
        .hasNoCause();
  }

  private static Set<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      Set<String> names = new TreeSet<>();
      all.filter(each -> !each.equals(folder))
          .forEach(each -> names.add(folder.relativize(each).toString()));
      return names;
    }
  }

  @Test
  void commit_isCheckedOutWithModesAndLinks() throws Exception {
    repository.write("run.sh", "#!/bin/sh\n").write("data/a.txt", "a\r\nb\n").write(".hidden", "h");
    assertThat(repository.folder().resolve("run.sh").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(repository.folder().resolve("link"), Path.of("data/a.txt"));
    Files.createSymbolicLink(repository.folder().resolve("out"), Path.of("/nowhere/at/all"));
    String commit = repository.commit();
    try (Prepared prepared = prepare(commit, "")) {
      Path root = prepared.path();
      assertThat(files(root))
          .containsExactly(".hidden", "data", "data/a.txt", "link", "out", "run.sh");
      assertThat(root.resolve("run.sh").toFile().canExecute()).isTrue();
      assertThat(root.resolve("data/a.txt")).isRegularFile().content().isEqualTo("a\r\nb\n");
      assertThat(root.resolve("data/a.txt").toFile().canExecute()).isFalse();
      assertThat(Files.readSymbolicLink(root.resolve("link"))).isEqualTo(Path.of("data/a.txt"));
      assertThat(Files.readSymbolicLink(root.resolve("out"))).isEqualTo(Path.of("/nowhere/at/all"));
    }
  }

  @Test
  void attributes_areFollowedAsByGit() throws Exception {
    repository.write(".gitattributes", "*.bat text eol=crlf\n").write("a.bat", "one\ntwo\n");
    String commit = repository.commit();
    try (Prepared prepared = prepare(commit, "")) {
      assertThat(prepared.path().resolve("a.bat")).content().isEqualTo("one\r\ntwo\r\n");
    }
  }

  @Test
  void sameCommit_isTheSameFolder_withoutTheServer() throws Exception {
    String commit = repository.write("a", "1").commit();
    try (Prepared first = prepare(commit, "")) {
      Files.move(repository.folder(), scratch.resolve("gone"));
      try (Prepared second = prepare(commit, "");
          Prepared elsewhere =
              checkouts(MUCH)
                  .prepare(
                      new GitSource(repository.url() + "/", commit, ""),
                      Logins.NONE,
                      Progress.NONE)) {
        assertThat(second.path()).isEqualTo(first.path());
        assertThat(elsewhere.path()).isEqualTo(first.path());
      }
    }
  }

  @Test
  void anotherCommit_isFetchedIntoTheSameClone() throws Exception {
    String first = repository.write("a", "1").write("big", "x".repeat(100_000)).commit();
    prepare(first, "").close();
    String second = repository.write("a", "2").commit();
    repository.git("reset", "-q", "--hard", first);
    String third = repository.write("a", "3").commit();
    try (Prepared two = prepare(third, "")) {
      assertThat(two.path().resolve("a")).hasContent("3");
    }
    try (Stream<Path> clones = Files.list(cache.resolve("clones"))) {
      assertThat(clones.filter(Files::isDirectory)).hasSize(1);
    }
    assertThat(second).isNotEqualTo(third);
  }

  @Test
  void pathInRepo_isTheFolder() throws Exception {
    String commit = repository.write("src/main/a", "1").commit();
    for (String path : List.of("src/main", "./src//main/", "src/./main")) {
      try (Prepared prepared = prepare(commit, path)) {
        assertThat(prepared.path()).as(path).endsWith(Path.of("src/main"));
        assertThat(files(prepared.path())).containsExactly("a");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "src/../../x", "/etc", "src/..", "a\\..\\b", "a\0b"})
  void pathInRepo_thatLeadsOut_isRefusedBeforeAnythingIsFetched(String path) throws Exception {
    String commit = repository.write("src/a", "1").commit();
    assertFails(() -> prepare(commit, path), false, "outside of the repository", path);
    assertThat(cache).doesNotExist();
  }

  @Test
  void pathInRepo_throughALinkThatLeadsOut_isRefused() throws Exception {
    Path outside = Files.createDirectories(scratch.resolve("outside/inner"));
    repository.write("src/a", "1");
    Files.createSymbolicLink(repository.folder().resolve("out"), outside.getParent());
    Files.createSymbolicLink(repository.folder().resolve("up"), Path.of("src/../../.."));
    Files.createSymbolicLink(repository.folder().resolve("dangling"), Path.of("/nowhere"));
    Files.createSymbolicLink(repository.folder().resolve("within"), Path.of("src"));
    String commit = repository.commit();
    for (String path : List.of("out", "out/inner", "up", "up/x", "dangling", "dangling/x")) {
      assertFails(() -> prepare(commit, path), false, "outside of the repository", path);
    }
    try (Prepared prepared = prepare(commit, "within")) {
      assertThat(files(prepared.path())).containsExactly("a");
    }
  }

  @Test
  void pathInRepo_thatDoesNotExist_listsWhatIsThere() throws Exception {
    String commit = repository.write("src/a", "1").write("docs/b", "2").write("x", "3").commit();
    assertFails(() -> prepare(commit, "sources"), false, "sources", commit, "docs, src, x");
    assertFails(() -> prepare(commit, "src/b"), false, "no src/b", "src has a.");
    assertFails(() -> prepare(commit, "src/a"), false, "is a file");
  }

  @Test
  void commit_thatDoesNotExist_isSaid() throws Exception {
    repository.write("a", "1").commit();
    String none = "0123456789012345678901234567890123456789";
    assertFails(() -> prepare(none, ""), false, none, repository.url(), "was pushed");
  }

  @Test
  void commit_thatIsAbbreviatedOrABranch_isRefused() throws Exception {
    String commit = repository.write("a", "1").commit();
    assertFails(() -> prepare(commit.substring(0, 10), ""), false, "all 40 digits");
    assertFails(() -> prepare("main", ""), false, "main is not a commit");
  }

  @Test
  void commit_thatIsAFile_isRefused() throws Exception {
    repository.write("a", "1").commit();
    String blob = repository.git("rev-parse", "HEAD:a");
    assertFails(() -> prepare(blob, ""), false, blob);
  }

  @Test
  void commit_inUpperCase_isTheSame() throws Exception {
    String commit = repository.write("a", "1").commit();
    try (Prepared prepared = prepare(commit.toUpperCase(java.util.Locale.ROOT), "")) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
  }

  @Test
  void repository_thatIsNone_isSaid() {
    String commit = "0123456789012345678901234567890123456789";
    assertFails(
        () ->
            checkouts.prepare(
                new GitSource("file://" + scratch + "/none", commit, ""),
                Logins.NONE,
                Progress.NONE),
        false,
        "no git repository",
        scratch + "/none");
    for (String url : List.of("relative/path", "ftp://host/x", "https:///x", "amazon-s3://a/b")) {
      assertThatThrownBy(
              () -> checkouts.prepare(new GitSource(url, commit, ""), Logins.NONE, Progress.NONE))
          .isInstanceOf(PreparationException.class)
          .hasMessageContaining(url);
    }
  }

  @Test
  void submodules_withRelativeAndAbsoluteUrls_areInTheirFolders() throws Exception {
    TestRepository leaf = TestRepository.init(scratch.resolve("leaf"));
    leaf.write("leaf.txt", "leaf").commit();
    TestRepository middle = TestRepository.init(scratch.resolve("middle"));
    middle.write("middle.txt", "middle");
    middle.git("submodule", "add", "-q", "../leaf", "deep/leaf");
    middle.commit();
    repository.write("a", "1");
    repository.git("submodule", "add", "-q", middle.url(), "lib/middle");
    repository.git("submodule", "add", "-q", "../leaf", "leaf");
    String commit = repository.commit();
    leaf.write("leaf.txt", "newer, and not what is linked").commit();
    try (Prepared prepared = prepare(commit, "lib/middle")) {
      Path root = prepared.path().resolve("../..").normalize();
      assertThat(root.resolve("lib/middle/middle.txt")).hasContent("middle");
      assertThat(root.resolve("lib/middle/deep/leaf/leaf.txt")).hasContent("leaf");
      assertThat(root.resolve("leaf/leaf.txt")).hasContent("leaf");
      assertThat(files(root)).noneMatch(each -> each.endsWith(".git"));
    }
  }

  @Test
  void submodule_withoutUrl_isSaid() throws Exception {
    TestRepository leaf = TestRepository.init(scratch.resolve("leaf"));
    leaf.write("leaf.txt", "leaf").commit();
    repository.git("submodule", "add", "-q", leaf.url(), "leaf");
    repository.git("rm", "-q", "--cached", ".gitmodules");
    Files.delete(repository.folder().resolve(".gitmodules"));
    String commit = repository.commit();
    assertFails(() -> prepare(commit, ""), false, "submodule leaf", ".gitmodules");
  }

  @Test
  void lfsFile_isRefusedByName_butNotOneThatOnlyLooksLikeIt() throws Exception {
    String pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n"
            .formatted("0".repeat(64));
    String looks = repository.write("data/model.bin", pointer).commit();
    try (Prepared prepared = prepare(looks, "")) {
      assertThat(prepared.path().resolve("data/model.bin")).content().isEqualTo(pointer);
    }
    // git itself would run the filter while it adds the file
    repository.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    String commit = repository.commit();
    assertFails(() -> prepare(commit, ""), false, "data/model.bin", "Git LFS", commit);
  }

  @Test
  void progress_tellsWhatIsDone() throws Exception {
    String commit = repository.write("a", "1").commit();
    List<String> phases = new ArrayList<>();
    checkouts
        .prepare(
            new GitSource(repository.url(), commit, ""),
            Logins.NONE,
            (phase, done, total) -> {
              assertThat(done).isNotNegative();
              assertThat(total).isNotNegative();
              phases.add(phase);
            })
        .close();
    assertThat(phases)
        .anyMatch(each -> each.startsWith("fetching " + repository.url()))
        .anyMatch(each -> each.startsWith("checking out " + commit.substring(0, 10)));
  }

  @Test
  void damagedClone_isMadeAnew() throws Exception {
    String first = repository.write("a", "1").commit();
    prepare(first, "").close();
    String second = repository.write("a", "2").commit();
    try (Stream<Path> files = Files.walk(cache.resolve("clones"))) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        String name = each.getFileName().toString();
        if (name.endsWith(".pack") || name.endsWith(".idx")) {
          assertThat(each.toFile().setWritable(true)).isTrue();
          Files.write(each, new byte[100]);
        }
      }
    }
    try (Prepared prepared = prepare(second, "")) {
      assertThat(prepared.path().resolve("a")).hasContent("2");
    }
  }

  private Path cloneFolder() throws IOException {
    try (Stream<Path> files = Files.walk(cache.resolve("clones"))) {
      return files
          .filter(each -> Files.isRegularFile(each.resolve("config")))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void locksOfAKilledProcess_areIgnored() throws Exception {
    String first = repository.write("a", "1").commit();
    prepare(first, "").close();
    String second = repository.write("a", "2").commit();
    Path clone = cloneFolder();
    Set<String> packs = files(clone.resolve("objects/pack"));
    for (String name :
        List.of(
            "index.lock",
            "config.lock",
            "shallow.lock",
            "packed-refs.lock",
            "refs/grain/" + second + ".lock",
            "objects/incoming_1.pack",
            "index")) {
      Files.createDirectories(clone.resolve(name).getParent());
      Files.writeString(clone.resolve(name), "half");
    }
    try (Prepared prepared = prepare(second, "")) {
      assertThat(prepared.path().resolve("a")).hasContent("2");
    }
    assertThat(clone.resolve("objects/incoming_1.pack")).doesNotExist();
    assertThat(files(clone.resolve("objects/pack"))).as("it goes on").containsAll(packs);
  }

  @Test
  void manyCommits_areFetchedOneByOne() throws Exception {
    for (int i = 0; i < 60; i++) {
      String commit = repository.write("a", "a" + i).commit();
      try (Prepared prepared = prepare(commit, "")) {
        assertThat(prepared.path().resolve("a")).hasContent("a" + i);
      }
    }
  }

  @Test
  void bound_isKept_andPurgeRemovesAllThatIsNotInUse() throws Exception {
    checkouts = checkouts(400_000);
    String first = repository.write("a", "x".repeat(150_000)).commit();
    String second = repository.write("a", "y".repeat(150_000)).commit();
    try (Prepared one = prepare(first, "")) {
      prepare(second, "").close();
      assertThat(one.path().resolve("a")).exists();
      assertThat(checkouts.purge()).isGreaterThan(150_000);
      assertThat(one.path().resolve("a")).exists();
    }
    assertThat(checkouts.purge()).isGreaterThan(150_000);
    assertThat(files(cache)).noneMatch(each -> each.endsWith("/a"));
  }
}
