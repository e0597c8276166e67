/* Stands before the C library of a process under test: counts the flushes of SQLite's write-ahead log, and plays a full
 * disk. DISK_FOLDER holds `flushes`, which grows by a byte with each; `full` while nothing can be written; and `fixed`
 * while files keep the length that they have, as on a real disk that is full. DISK_FILES is a part of the paths that
 * this is about. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_of(int fd, const char *part) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != NULL;
}

static const char *in_folder(const char *name, char *path) {
  const char *folder = getenv("DISK_FOLDER");
  snprintf(path, PATH_MAX, "%s/%s", folder ? folder : "/nowhere", name);
  return path;
}

static int is_there(const char *name) {
  char path[PATH_MAX];
  return access(in_folder(name, path), F_OK) == 0;
}

static int is_full(int fd, off_t at, size_t length) {
  const char *files = getenv("DISK_FILES");
  int full = is_there("full");
  if (!files || (!full && !is_there("fixed")) || !is_of(fd, files)) return 0;
  struct stat file;
  return full || (fstat(fd, &file) == 0 && at + (off_t)length > file.st_size);
}

static void count(int fd) {
  char path[PATH_MAX];
  if (!is_of(fd, "lockstep.db-wal")) return;
  int file = open(in_folder("flushes", path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  syscall(SYS_write, file, ".", 1);
  close(file);
}

int fsync(int fd) {
  int done = (int)syscall(SYS_fsync, fd);
  if (done == 0) count(fd);
  return done;
}

int fdatasync(int fd) {
  int done = (int)syscall(SYS_fdatasync, fd);
  if (done == 0) count(fd);
  return done;
}

ssize_t write(int fd, const void *data, size_t length) {
  if (is_full(fd, lseek(fd, 0, SEEK_CUR), length)) return errno = ENOSPC, -1;
  return syscall(SYS_write, fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
  if (is_full(fd, at, length)) return errno = ENOSPC, -1;
  return syscall(SYS_pwrite64, fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  if (is_full(fd, at, length)) return errno = ENOSPC, -1;
  return syscall(SYS_pwrite64, fd, data, length, at);
}
