package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses a prefix of credentials covers. */
final class ServerPathTest {
  @ParameterizedTest
  @CsvSource({
    // whole segments
    "https://host/foo, https://host/foo, true",
    "https://host/foo, https://host/foo/bar.git, true",
    "https://host/foo, https://host/foobar, false",
    "https://host/foo/, https://host/foo, true",
    "https://host/foo.git, https://host/foo, true",
    "https://host/foo, https://host/foo.git, true",
    "https://host/foo/bar, https://host/foo, false",
    "https://host, https://host/any/thing, true",
    "https://host/Foo, https://host/foo, false",
    "https://host/foo, https://host/foo/../bar, false",
    "https://host/foo, https://host//foo/./bar?x=1#y, true",
    // hosts
    "https://host, https://host.example.org/a, false",
    "https://HOST/a, HTTPS://host/a, true",
    "https://host, https://host@evil.example.org/a, false",
    // schemes
    "https://host, http://host/a, false",
    "http://host, http://host/a, true",
    "https://host, ssh://host/a, false",
    "host, https://host/a, true",
    "host, ssh://host/a, true",
    "host, http://host/a, false",
    "host, git://host/a, false",
    "host/foo, https://host/foo/bar, true",
    "host/foo, https://host/foobar, false",
    // ports
    "https://host, https://host:443/a, true",
    "https://host:443, https://host/a, true",
    "https://host, https://host:8443/a, false",
    "https://host:8443, https://host:8443/a, true",
    "host:8443, https://host:8443/a, true",
    "host:443, https://host/a, true",
    "host:443, ssh://host/a, false",
    "ssh://host, ssh://git@host:22/a, true",
    "host, ssh://git@host:2222/a, false",
    "https://[::1]:8443/a, https://[::1]:8443/a/b, true",
    "https://[::1], https://[::1]:8443/a/b, false",
    // users
    "https://host/a, https://ann@host/a, true",
    "https://host/a, https://ann:secret@host/a, true",
    "https://ann@host/a, https://host/a, true",
    // as ssh has it
    "git@host, git@host:acme/jobs.git, true",
    "host, git@host:acme/jobs.git, true",
    "git@host:acme, git@host:acme/jobs.git, true",
    "git@host:acm, git@host:acme/jobs.git, false",
    "git@host:acme/jobs, git@host:/acme/jobs.git, true",
    "host/acme, git@host:acme/jobs.git, true",
    "git@host, other@host:acme/jobs.git, true",
    "git@host, ssh://git@host/acme/jobs.git, true",
    "ssh://git@host, git@host:acme/jobs.git, true",
    "git+ssh://host, git@host:acme/jobs.git, true",
    "git@host, https://host/acme/jobs.git, false",
    "https://host, git@host:acme/jobs.git, false",
    "host, host:acme/jobs.git, true",
    // what is on this machine
    "host, file:///host/a, false",
    "host, /host/a, false",
    "host, host/a, false",
  })
  void covers_gitUrl_comparesSchemeHostPortAndSegments(
      String prefix, String target, boolean covered) {
    assertThat(ServerPath.ofGitPrefix(prefix).covers(ServerPath.ofGitTarget(target)))
        .isEqualTo(covered);
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io, registry-1.docker.io/library/python, true",
    "index.docker.io, registry-1.docker.io/library/python, true",
    "registry-1.docker.io, docker.io/acme/train, true",
    "https://index.docker.io/v1/, registry-1.docker.io/acme/train, true",
    "docker.io/acme, registry-1.docker.io/acme/train, true",
    "docker.io/acme, registry-1.docker.io/acme-labs/train, false",
    "docker.io, python, true",
    "docker.io/library, python, true",
    "docker.io/acme, acme/train, true",
    "docker.io, ghcr.io/acme/train, false",
    "ghcr.io/acme, ghcr.io/acme/train, true",
    "ghcr.io/acme/train, ghcr.io/acme, false",
    "GHCR.io/acme, ghcr.io/acme/train, true",
    "https://ghcr.io, ghcr.io/acme/train, true",
    "ghcr.io:443, ghcr.io/acme/train, true",
    "http://localhost:5000, localhost:5000/a, true",
    "localhost:5000, localhost:5000/a, true",
    "localhost:5000, localhost:5001/a, false",
    "localhost, localhost:5000/a, false",
  })
  void covers_registry_comparesHostPortAndSegments(String prefix, String target, boolean covered) {
    assertThat(ServerPath.ofRegistryPrefix(prefix).covers(ServerPath.ofRegistryTarget(target)))
        .isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "acme", "acme/train", "ghcr.io/*", "ghcr.io /a", "/a"})
  void ofRegistryPrefix_whatBeginsWithNoHost_isRefused(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerPath.ofRegistryPrefix(prefix))
        .withMessageStartingWith("registry ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/srv/git", "https://", "https:///a", "https://host/\n"})
  void ofGitPrefix_whatNamesNoHost_isRefused(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerPath.ofGitPrefix(prefix))
        .withMessageStartingWith("urlPrefix ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://ann:hidden@host/a", "ann:hidden@host"})
  void ofGitPrefix_withAPassword_isRefusedWithoutQuotingIt(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerPath.ofGitPrefix(prefix))
        .withMessage("urlPrefix contains a password: leave it out, and pass it as a Secret");
  }
}
