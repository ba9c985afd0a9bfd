package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which commits branches and tags are. */
final class GitRefsTest {
  @TempDir private Path scratch;
  private TestRepository repository;

  @BeforeEach
  void make() throws IOException {
    repository = TestRepository.init(scratch.resolve("repository"));
  }

  private String resolve(String name) throws PreparationException, InterruptedException {
    return GitRefs.resolve(
        repository.url(),
        name,
        Logins.NONE,
        new GitSettings(Duration.ofSeconds(20), scratch.resolve("home"), null));
  }

  private static void assertFails(ThrowingCallable call, String... texts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PreparationException.class, e -> assertThat(e.isOfThisNode()).isFalse())
        .hasMessageContainingAll(texts);
  }

  @Test
  void branch_isItsCommitNow() throws Exception {
    String first = repository.write("a", "1").commit();
    repository.git("branch", "feature/x");
    String second = repository.write("a", "2").commit();
    assertThat(resolve("main")).isEqualTo(second);
    assertThat(resolve("")).as("the default").isEqualTo(second);
    assertThat(resolve(" main ")).isEqualTo(second);
    assertThat(resolve("refs/heads/main")).isEqualTo(second);
    assertThat(resolve("HEAD")).isEqualTo(second);
    assertThat(resolve("feature/x")).isEqualTo(first);
  }

  @Test
  void tag_isTheCommitThatItStandsFor() throws Exception {
    String commit = repository.write("a", "1").commit();
    repository.git("tag", "light");
    repository.git("tag", "-a", "-m", "annotated", "v1.0");
    repository.git("tag", "-a", "-m", "of a tag", "nested", "v1.0");
    for (String name :
        new String[] {"light", "refs/tags/light", "v1.0", "refs/tags/v1.0", "nested"}) {
      assertThat(resolve(name)).as(name).isEqualTo(commit);
    }
  }

  @Test
  void branchAndTag_ofTheSameName_areTheBranch() throws Exception {
    String tagged = repository.write("a", "1").commit();
    repository.git("tag", "both");
    String branch = repository.write("a", "2").commit();
    repository.git("branch", "both");
    assertThat(resolve("both")).isEqualTo(branch);
    assertThat(resolve("refs/tags/both")).isEqualTo(tagged);
  }

  @Test
  void commit_isReturnedWithoutAsking() throws Exception {
    String commit = "ABCDEF6789012345678901234567890123456789";
    assertThat(GitRefs.resolve("https://no-such-host.invalid/x", commit, Logins.NONE))
        .isEqualTo("abcdef6789012345678901234567890123456789");
  }

  @Test
  void commit_thatIsAbbreviated_isRefused_butNotABranchOfThatName() throws Exception {
    String commit = repository.write("a", "1").commit();
    assertFails(() -> resolve(commit.substring(0, 8)), commit.substring(0, 8), "all 40 digits");
    repository.git("branch", "cafe");
    assertThat(resolve("cafe")).isEqualTo(commit);
  }

  @Test
  void branch_thatDoesNotExist_isSaidWithTheNearest() throws Exception {
    repository.write("a", "1").commit();
    repository.git("branch", "develop");
    repository.git("tag", "v1");
    assertFails(
        () -> resolve("devleop"),
        repository.url(),
        "no branch or tag devleop, did you mean develop?",
        "the branches develop, main and the tag v1");
    assertFails(() -> resolve("zzzzzzzz"), "no branch or tag zzzzzzzz. It has");
    for (int i = 10; i < 30; i++) {
      repository.git("branch", "topic" + i);
    }
    assertFails(() -> resolve("zzzzzzzz"), "and 14 others");
  }

  @Test
  void repository_thatIsEmpty_isSaid() {
    assertFails(() -> resolve("main"), repository.url(), "is empty", "no branch main");
  }

  @Test
  void repository_thatIsNone_isSaid() {
    assertFails(
        () -> GitRefs.resolve("file://" + scratch.resolve("none"), "main", Logins.NONE),
        "no git repository");
  }
}
