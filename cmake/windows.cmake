# sspi.dll, what names it (sspi.def) and what programs link: libsspi.dll.a for MinGW, sspi.lib for
# Microsoft's linker and LLVM's.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" OR NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  message(FATAL_ERROR "The DLL is for x86-64.")
endif()

# Where cargo builds for another system than its own, it has to be told. Its compiler lies beside it.
set(built "${SSPI_CARGO_TARGET_DIR}/release")
if(CMAKE_CROSSCOMPILING)
  set(SSPI_CARGO_CONFIG "${CMAKE_CURRENT_SOURCE_DIR}/windows.toml" CACHE FILEPATH "What cargo is told for Windows")
  file(STRINGS "${SSPI_CARGO_CONFIG}" target_line REGEX "^target = " LIMIT_COUNT 1)
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" cargo_target "${target_line}")
  set(built "${SSPI_CARGO_TARGET_DIR}/${cargo_target}/release")
  get_filename_component(cargo_dir "${CARGO}" DIRECTORY)
  set(cargo_environment "RUSTC=${cargo_dir}/rustc" RUSTC_BOOTSTRAP=1)
  set(cargo_arguments --config "${SSPI_CARGO_CONFIG}")
endif()
cargo_library(sspi_shared cdylib
  COMMAND ${CMAKE_COMMAND} -E copy "${built}/sspi.dll" "${CMAKE_CURRENT_BINARY_DIR}/sspi.dll")

set(definition "${CMAKE_CURRENT_BINARY_DIR}/sspi.def")
file(STRINGS "${root}/ffi-tests/windows/passed_on.txt" passed_on REGEX "^[A-Za-z]")
list(APPEND symbols ${passed_on})
list(SORT symbols)
list(JOIN symbols "\n    " listed)
file(WRITE "${definition}" "LIBRARY sspi.dll\nEXPORTS\n    ${listed}\n")

# Microsoft's tools make one of the two, MinGW's the other; LLVM's, where it is there, both.
set(gnu_library "${CMAKE_CURRENT_BINARY_DIR}/libsspi.dll.a")
set(microsoft_library "${CMAKE_CURRENT_BINARY_DIR}/sspi.lib")
find_program(LLVM_DLLTOOL NAMES llvm-dlltool llvm-dlltool-19 llvm-dlltool-16 llvm-dlltool-14)
set(made)
if(MSVC)
  add_custom_command(OUTPUT "${microsoft_library}" DEPENDS "${definition}" VERBATIM
    COMMAND "${CMAKE_AR}" /nologo "/def:${definition}" /machine:X64 "/out:${microsoft_library}")
  set(library_to_link "${microsoft_library}")
  list(APPEND made "${microsoft_library}")
else()
  add_custom_command(OUTPUT "${gnu_library}" DEPENDS "${definition}" VERBATIM
    COMMAND "${CMAKE_DLLTOOL}" -d "${definition}" -l "${gnu_library}")
  set(library_to_link "${gnu_library}")
  list(APPEND made "${gnu_library}")
  if(LLVM_DLLTOOL)
    add_custom_command(OUTPUT "${microsoft_library}" DEPENDS "${definition}" VERBATIM
      COMMAND "${LLVM_DLLTOOL}" -m i386:x86-64 -d "${definition}" -l "${microsoft_library}")
    list(APPEND made "${microsoft_library}")
  else()
    message(STATUS "sspi.lib, for Microsoft's linker, is not made: there is no llvm-dlltool")
  endif()
endif()
add_custom_target(sspi_import ALL DEPENDS ${made})
add_dependencies(sspi_shared sspi_import)

configure_package_config_file(sspiConfig.windows.cmake.in sspiConfig.cmake
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR SSPI_INCLUDEDIR)
install(PROGRAMS "${CMAKE_CURRENT_BINARY_DIR}/sspi.dll" DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES "${definition}" ${made} DESTINATION "${CMAKE_INSTALL_LIBDIR}")
