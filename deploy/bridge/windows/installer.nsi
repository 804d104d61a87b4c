; The bridge's installer for Windows: for one user, without an administrator, silent with /S.
; makensis -DVERSION=0.1.0 -DFOLDER=build/app/mykey-bridge -DOUT=dist/…-setup.exe deploy/bridge/windows/installer.nsi
; Link and autostart are the program's own business (reader_bridge/desktop/windows.py); here are files, entry and uninstaller.

Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include MUI2.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\MyKey card reader"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"

Name "MyKey card reader"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\MyKey card reader"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "MyKey card reader"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "MyKey card reader"
VIAddVersionKey LegalCopyright "Apache License 2.0"

!define MUI_FINISHPAGE_RUN "$INSTDIR\mykey-bridge.exe"
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE Japanese
!insertmacro MUI_LANGUAGE English

LangString NAME ${LANG_JAPANESE} "マイキー カードリーダー"
LangString NAME ${LANG_ENGLISH} "MyKey card reader"
LangString RUNS ${LANG_JAPANESE} "マイキー カードリーダーが動いています。閉じてから、もう一度実行してください。"
LangString RUNS ${LANG_ENGLISH} "MyKey card reader is running. Close it, then start this again."

Section
  SetOutPath "$INSTDIR"
  ClearErrors
  Delete "$INSTDIR\mykey-bridge.exe" ; Windows lets nobody delete a program that runs
  Delete "$INSTDIR\reader-bridge.exe"
  IfErrors 0 +2
    Abort "$(RUNS)"
  RMDir /r "$INSTDIR\_internal" ; of the version before
  File /r "${FOLDER}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\$(NAME).lnk" "$INSTDIR\mykey-bridge.exe"
  WriteRegStr HKCU "${UNINSTALL}" DisplayName "$(NAME)"
  WriteRegStr HKCU "${UNINSTALL}" DisplayVersion "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" DisplayIcon "$INSTDIR\mykey-bridge.exe"
  WriteRegStr HKCU "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegStr HKCU "${UNINSTALL}" Shortcut "$SMPROGRAMS\$(NAME).lnk"
  WriteRegDWORD HKCU "${UNINSTALL}" NoModify 1
  WriteRegDWORD HKCU "${UNINSTALL}" NoRepair 1
  nsExec::Exec '"$INSTDIR\reader-bridge.exe" install'
  Pop $0
  StrCmp $0 0 +2
    SetErrorLevel 1
SectionEnd

Section Uninstall
  nsExec::Exec '"$INSTDIR\reader-bridge.exe" uninstall'
  Pop $0
  ; Also where the program no longer starts: a link would outlive it.
  DeleteRegKey HKCU "Software\Classes\mykey-bridge"
  DeleteRegValue HKCU "${RUN}" "MyKey terminal"
  ReadRegStr $0 HKCU "${UNINSTALL}" Shortcut
  Delete "$0"
  DeleteRegKey HKCU "${UNINSTALL}"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\mykey-bridge.exe"
  Delete "$INSTDIR\reader-bridge.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
